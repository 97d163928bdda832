/** Byte encodings of the modifiers `wide`, `utf16*`, `base64` and `base64offset`. A byte string has one character per byte. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** UTF-8 bytes of a text. */
export function utf8(text: string): string {
  let bytes = '';
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
}

/** UTF-16 bytes of a text, in the order asked for, with a byte order mark in front for `utf16`. */
export function utf16(text: string, form: 'utf16le' | 'utf16be' | 'utf16'): string {
  let bytes = form === 'utf16' ? '\u00FF\u00FE' : '';
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    const low = String.fromCharCode(unit & 0xff);
    const high = String.fromCharCode(unit >> 8);
    bytes += form === 'utf16be' ? high + low : low + high;
  }
  return bytes;
}

/** Base64 with padding. */
export function base64(bytes: string): string {
  let text = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const rest = bytes.length - index;
    const word =
      (bytes.charCodeAt(index) << 16) | ((rest > 1 ? bytes.charCodeAt(index + 1) : 0) << 8) | (rest > 2 ? bytes.charCodeAt(index + 2) : 0);
    text += ALPHABET.charAt(word >> 18) + ALPHABET.charAt((word >> 12) & 63);
    text += rest > 1 ? ALPHABET.charAt((word >> 6) & 63) : '=';
    text += rest > 2 ? ALPHABET.charAt(word & 63) : '=';
  }
  return text;
}

/** The characters that do not change with the bytes around the value, for each of the three alignments. */
export function base64Offsets(bytes: string): string[] {
  const variants: string[] = [];
  for (let offset = 0; offset < 3; offset++) {
    const encoded = base64('\0'.repeat(offset) + bytes);
    const first = Math.ceil((offset * 8) / 6);
    const last = Math.floor(((offset + bytes.length) * 8) / 6);
    if (last > first) variants.push(encoded.slice(first, last));
  }
  return variants;
}
