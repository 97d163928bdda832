import { isUtf8 } from 'node:buffer';

const CHARACTERS = 2_000;

/** The first 2,000 characters, bytes that are not UTF-8 shown as \xNN. */
export function preview(bytes: Uint8Array): string {
  const start = bytes.subarray(0, CHARACTERS * 4);
  const text = new TextDecoder().decode(start);
  const shown = isUtf8(start) || !text.slice(0, CHARACTERS).includes('\uFFFD') ? text : escaped(start);
  return shown.slice(0, CHARACTERS);
}

/** Reads character by character, so that one bad byte does not blot out its neighbours. */
function escaped(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length && text.length < CHARACTERS;) {
    const length = lengthAt(bytes, at);
    const piece = bytes.subarray(at, at + length);
    text += isUtf8(piece) ? Buffer.from(piece).toString('utf8') : `\\x${(bytes[at] ?? 0).toString(16).padStart(2, '0')}`;
    at += isUtf8(piece) ? length : 1;
  }
  return text;
}

function lengthAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}
