/**
 * A strict reader over the UTF-8 bytes of compact JSON (RFC 8259 without blanks between tokens). Every method answers false where
 * the text is not that, or holds what only a whole reading can judge (escaped keys, escaped surrogates, depth beyond bounds).
 */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MAX_DEPTH = 64;
/** Escape letter → byte. */
const ESCAPES = new Uint8Array(128);
for (const [letter, byte] of Object.entries({ '"': 0x22, '\\': 0x5c, '/': 0x2f, b: 8, f: 12, n: 10, r: 13, t: 9 })) {
  ESCAPES[letter.charCodeAt(0)] = byte;
}
const WORDS: ReadonlyMap<number, Buffer> = new Map(['true', 'false', 'null'].map((word) => [word.charCodeAt(0), Buffer.from(word)]));

export interface TextSink {
  readonly blob: Uint8Array;
  end: number;
}

export class Cursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  /** Place of the last key read. */
  keyFrom = 0;
  keyTo = 0;
  /** The last text read was ASCII without NUL. */
  plain = true;
  private depth = 0;

  start(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.at = 0;
    this.depth = 0;
  }

  atEnd(): boolean {
    return this.at === this.bytes.length;
  }

  /** Steps over the byte if it is next. */
  take(byte: number): boolean {
    if (this.bytes[this.at] !== byte) return false;
    this.at++;
    return true;
  }

  /** `"key":`, without escapes. */
  key(): boolean {
    const { bytes } = this;
    if (bytes[this.at] !== QUOTE) return false;
    let at = this.at + 1;
    this.keyFrom = at;
    for (let byte = bytes[at]; byte !== QUOTE; byte = bytes[++at]) {
      if (byte === undefined || byte < 0x20 || byte === BACKSLASH) return false;
    }
    this.keyTo = at;
    if (bytes[at + 1] !== 0x3a) return false;
    this.at = at + 2;
    return true;
  }

  /** A string, written without its escapes to the end of the sink, which must have room for it. */
  text(sink: TextSink): boolean {
    const { bytes } = this;
    const { blob } = sink;
    if (bytes[this.at] !== QUOTE) return false;
    let at = this.at + 1;
    let end = sink.end;
    let seen = 0;
    for (let byte = bytes[at]; byte !== QUOTE; byte = bytes[++at]) {
      if (byte === undefined || byte < 0x20) return false;
      if (byte !== BACKSLASH) {
        seen |= byte;
        blob[end++] = byte;
        continue;
      }
      const letter = bytes[++at] ?? 0;
      if (letter === 0x75) {
        const code = this.unit(at + 1);
        // NUL is folded, surrogates come in pairs: both belong to the whole reading.
        if (code <= 0) return false;
        seen |= code < 0x80 ? 0 : 0x80;
        end = encode(code, blob, end);
        at += 4;
        continue;
      }
      const plain = letter < 128 ? ESCAPES[letter] : 0;
      if (plain === undefined || plain === 0) return false;
      blob[end++] = plain;
    }
    this.plain = seen < 0x80;
    sink.end = end;
    this.at = at + 1;
    return true;
  }

  /** Steps over any value. */
  skip(): boolean {
    const byte = this.bytes[this.at];
    if (byte === QUOTE) return this.skipText();
    if (byte === 0x7b) return this.nested(() => this.members());
    if (byte === 0x5b) return this.nested(() => this.elements());
    const word = byte === undefined ? undefined : WORDS.get(byte);
    if (word === undefined) return this.skipNumber();
    for (const expected of word) if (!this.take(expected)) return false;
    return true;
  }

  /** An integer that a double holds exactly; anything else is refused. */
  integer(): number | undefined {
    const from = this.at;
    const negative = this.take(0x2d);
    const digits = this.at;
    let value = 0;
    for (let byte = this.bytes[this.at] ?? 0; byte >= 0x30 && byte <= 0x39; byte = this.bytes[++this.at] ?? 0)
      value = value * 10 + byte - 0x30;
    const count = this.at - digits;
    const next = this.bytes[this.at];
    const wrong =
      count === 0 || count > 15 || (count > 1 && this.bytes[digits] === 0x30) || next === 0x2e || next === 0x65 || next === 0x45;
    if (wrong) this.at = from;
    return wrong ? undefined : negative && value !== 0 ? -value : value;
  }

  private skipText(): boolean {
    const { bytes } = this;
    let at = this.at + 1;
    for (let byte = bytes[at]; byte !== QUOTE; byte = bytes[++at]) {
      if (byte === undefined || byte < 0x20) return false;
      if (byte !== BACKSLASH) continue;
      const letter = bytes[++at] ?? 0;
      if (letter === 0x75) {
        if (this.unit(at + 1) < 0) return false;
        at += 4;
      } else if (letter >= 128 || ESCAPES[letter] === 0) return false;
    }
    this.at = at + 1;
    return true;
  }

  /** The UTF-16 unit of four hex digits; -1 when they are none, or a surrogate. */
  private unit(at: number): number {
    let code = 0;
    for (let digit = 0; digit < 4; digit++) {
      const value = hex(this.bytes[at + digit] ?? 0);
      if (value < 0) return -1;
      code = code * 16 + value;
    }
    return code >= 0xd800 && code <= 0xdfff ? -1 : code;
  }

  private nested(body: () => boolean): boolean {
    if (this.depth >= MAX_DEPTH) return false;
    this.depth++;
    this.at++;
    const whole = body();
    this.depth--;
    return whole;
  }

  private members(): boolean {
    if (this.take(0x7d)) return true;
    for (;;) {
      if (!this.key() || !this.skip()) return false;
      if (!this.take(0x2c)) return this.take(0x7d);
    }
  }

  private elements(): boolean {
    if (this.take(0x5d)) return true;
    for (;;) {
      if (!this.skip()) return false;
      if (!this.take(0x2c)) return this.take(0x5d);
    }
  }

  private skipNumber(): boolean {
    this.take(0x2d);
    if (!this.take(0x30) && !this.digits()) return false;
    if (this.take(0x2e) && !this.digits()) return false;
    if (!this.take(0x65) && !this.take(0x45)) return true;
    if (!this.take(0x2b)) this.take(0x2d);
    return this.digits();
  }

  private digits(): boolean {
    const from = this.at;
    for (let byte = this.bytes[this.at] ?? 0; byte >= 0x30 && byte <= 0x39; byte = this.bytes[++this.at] ?? 0);
    return this.at > from;
  }
}

function hex(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** UTF-8 of a code point of the basic plane; answers the new end. */
function encode(code: number, blob: Uint8Array, at: number): number {
  let end = at;
  if (code < 0x80) blob[end++] = code;
  else {
    if (code < 0x800) blob[end++] = 0xc0 | (code >> 6);
    else {
      blob[end++] = 0xe0 | (code >> 12);
      blob[end++] = 0x80 | ((code >> 6) & 0x3f);
    }
    blob[end++] = 0x80 | (code & 0x3f);
  }
  return end;
}
