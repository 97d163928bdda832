/** Bytes as people read them. Pure. */

const WIDTH = 16;
/** Bytes shown on the screen; the whole record can be downloaded. */
export const MAX_SHOWN = 64 * 1024;

/** `00000010  4d 5a 90 … |MZ..|`, 16 bytes a line. */
export function hexLines(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += WIDTH) {
    const part = bytes.subarray(at, at + WIDTH);
    const hex = Array.from(part, (byte, index) => `${index === WIDTH / 2 ? ' ' : ''}${byte.toString(16).padStart(2, '0')}`).join(' ');
    const text = Array.from(part, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(WIDTH * 3)}  |${text}|`);
  }
  return lines;
}

/** UTF-8 as it is; bytes that are none as U+FFFD, control characters other than line breaks and tabs as pictures of themselves. */
export function textOf(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8').decode(bytes);
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, (character) => String.fromCharCode(0x2400 + character.charCodeAt(0)));
}
