import { Malformed } from './malformed.ts';

const HEX_UPPER = Buffer.from('0123456789ABCDEF', 'latin1');
const ESCAPES: Readonly<Record<number, number>> = { 0x08: 0x62, 0x09: 0x74, 0x0a: 0x6e, 0x0c: 0x66, 0x0d: 0x72, 0x22: 0x22, 0x5c: 0x5c };

/**
 * A growing byte buffer that JSON is written into. It is one buffer for the life of a reader, because a string per value costs
 * more than the decoding itself. Growth stops at `limit` bytes with `Malformed`, which is what bounds a record that refers to
 * the same nested value a million times.
 */
export class JsonOutput {
  #bytes = Buffer.allocUnsafeSlow(64 * 1024);
  #length = 0;
  #ascii = true;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  reset(): void {
    this.#length = 0;
    this.#ascii = true;
  }

  /** What was written since `reset`. */
  text(): string {
    return this.#ascii ? this.#bytes.toString('latin1', 0, this.#length) : this.#bytes.toString('utf8', 0, this.#length);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** Text without characters that JSON escapes and without any above U+007F. */
  plain(text: string): void {
    const size = text.length;
    this.#reserve(size);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let index = 0; index < size; index++) bytes[at++] = text.charCodeAt(index);
    this.#length = at;
  }

  /** Bytes that were encoded before (keys, constant text). */
  encoded(source: Uint8Array): void {
    const size = source.length;
    this.#reserve(size);
    const bytes = this.#bytes;
    let at = this.#length;
    let high = 0;
    for (let index = 0; index < size; index++) {
      const value = source[index] ?? 0;
      high |= value;
      bytes[at++] = value;
    }
    if (high > 0x7f) this.#ascii = false;
    this.#length = at;
  }

  /** Two upper-case hexadecimal digits per byte. */
  hex(source: Uint8Array, start: number, end: number): void {
    this.#reserve((end - start) * 2);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let index = start; index < end; index++) {
      const value = source[index] ?? 0;
      bytes[at++] = HEX_UPPER[value >> 4] ?? 0;
      bytes[at++] = HEX_UPPER[value & 15] ?? 0;
    }
    this.#length = at;
  }

  /** UTF-16LE as the inside of a JSON string. A surrogate without its other half becomes U+FFFD. */
  utf16(source: Uint8Array, start: number, end: number): void {
    // A control character takes six bytes (\u00xx), the most one unit can.
    this.#reserve((end - start) * 3 + 6);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let index = start; index + 1 < end; index += 2) {
      const low = source[index] ?? 0;
      if (source[index + 1] === 0 && low >= 0x20 && low < 0x80 && low !== 0x22 && low !== 0x5c) {
        bytes[at++] = low;
        continue;
      }
      this.#length = at;
      index += this.#unit(source, index, end);
      at = this.#length;
    }
    this.#length = at;
  }

  /** Writes one code point that is not plain ASCII; returns the extra bytes consumed (2 for a surrogate pair). */
  #unit(source: Uint8Array, index: number, end: number): number {
    let code = (source[index] ?? 0) | ((source[index + 1] ?? 0) << 8);
    let extra = 0;
    if (code >= 0xd800 && code < 0xe000) {
      const next = index + 3 < end ? (source[index + 2] ?? 0) | ((source[index + 3] ?? 0) << 8) : 0;
      if (code < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00);
        extra = 2;
      } else code = 0xfffd;
    }
    this.#codePoint(code);
    return extra;
  }

  /** Writes into space that `utf16` reserved. */
  #codePoint(code: number): void {
    if (code < 0x80) {
      this.#asciiPoint(code);
      return;
    }
    this.#ascii = false;
    const bytes = this.#bytes;
    if (code < 0x800) bytes[this.#length++] = 0xc0 | (code >> 6);
    else {
      if (code < 0x10000) bytes[this.#length++] = 0xe0 | (code >> 12);
      else {
        bytes[this.#length++] = 0xf0 | (code >> 18);
        bytes[this.#length++] = 0x80 | ((code >> 12) & 0x3f);
      }
      bytes[this.#length++] = 0x80 | ((code >> 6) & 0x3f);
    }
    bytes[this.#length++] = 0x80 | (code & 0x3f);
  }

  #asciiPoint(code: number): void {
    const bytes = this.#bytes;
    const escape = ESCAPES[code];
    if (escape !== undefined) {
      bytes[this.#length++] = 0x5c;
      bytes[this.#length++] = escape;
    } else if (code < 0x20) {
      this.plain(`\\u00${code < 16 ? '0' : '1'}${(code & 15).toString(16)}`);
    } else bytes[this.#length++] = code;
  }

  #reserve(more: number): void {
    if (this.#length > this.#limit) throw new Malformed(`record expands to more than ${this.#limit} bytes`, 0);
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
