/** Values out of the bytes of a JSON text that `JsonReader` has read. */
import { COMPLEX, ESCAPED, FALSE, type JsonReader, NULL, NUMBER, PLAIN, TRUE } from './reader.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const BACKSLASH = 0x5c;
/** What the letter behind a backslash stands for. */
const MEANINGS = new Uint8Array(256).map((_, byte) => byte);
for (const [letter, meaning] of ['b\b', 'f\f', 'n\n', 'r\r', 't\t']) MEANINGS[letter?.charCodeAt(0) ?? 0] = meaning?.charCodeAt(0) ?? 0;

/** Numbers as they are written when they are read as texts: no sign, point or exponent, and no more digits than are exact. */
export function isCanonical(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from > 15) return false;
  for (let at = from; at < to; at++) if ((bytes[at] ?? 0) < 0x30 || (bytes[at] ?? 0) > 0x39) return false;
  return true;
}

interface LatinBytes extends Uint8Array {
  /** Node's buffers have it, and it costs a fraction of a decoder's call. */
  latin1Slice?: (from: number, to: number) => string;
}

/** Text of ASCII bytes. */
export function asciiText(bytes: LatinBytes, from: number, to: number): string {
  if (bytes.latin1Slice !== undefined) return bytes.latin1Slice(from, to);
  return decoder.decode(bytes.subarray(from, to));
}

/** Writes a text with its two-character escapes undone; returns where it ends. There must be room. */
export function unescape(bytes: Uint8Array, span: { readonly from: number; readonly to: number }, into: Uint8Array, start: number): number {
  let end = start;
  for (let at = span.from; at < span.to; at++) {
    const byte = bytes[at] ?? 0;
    into[end++] = byte === BACKSLASH ? (MEANINGS[bytes[++at] ?? 0] ?? 0) : byte;
  }
  return end;
}

/** The value at a node as `JSON.parse` gives it. Not for COMPLEX ones. */
export function valueAt(json: JsonReader, node: number): unknown {
  const kind = json.kindOf(node);
  const [from, to] = [json.starts[node] ?? 0, json.ends[node] ?? 0];
  if (kind === PLAIN) return asciiText(json.bytes, from, to);
  if (kind === NUMBER) return Number(asciiText(json.bytes, from, to));
  if (kind === TRUE || kind === FALSE) return kind === TRUE;
  if (kind === NULL) return null;
  if (kind >= COMPLEX) throw new Error('a list or an object is not a value');
  if (kind < PLAIN) return undefined;
  return textAt(json.bytes, from, to, kind);
}

/** A text with escapes or units outside ASCII. */
export function textAt(bytes: Uint8Array, from: number, to: number, kind: number): string {
  if (kind === ESCAPED || bytes.indexOf(BACKSLASH, from) < to) {
    const text: unknown = JSON.parse(decoder.decode(bytes.subarray(from - 1, to + 1)));
    return typeof text === 'string' ? text : '';
  }
  return decoder.decode(bytes.subarray(from, to));
}
