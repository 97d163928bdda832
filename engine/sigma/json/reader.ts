/**
 * Reads the JSON text of an event without making objects of it: one pass over the bytes notes where the values stand that somebody
 * may ask for. It takes the plain middle of JSON (RFC 8259) only; for anything else, malformed or merely unusual (a key given twice,
 * an escape inside a key, great depth), it gives up, and the caller asks `JSON.parse`. Held to that by a differential test.
 */
import { hashStart, hashStep, type PathTree, ROOT } from './path-tree.ts';

export const ABSENT = 0;
/** Text of ASCII without escapes: its bytes are the value. */
export const PLAIN = 1;
/** Text of ASCII with escapes of two characters only. */
export const ESCAPED = 2;
/** Text with other units, or with `\u` escapes. */
export const WIDE = 3;
export const NUMBER = 4;
export const TRUE = 5;
export const FALSE = 6;
export const NULL = 7;
/** A list or an object. */
export const COMPLEX = 8;
/** Inside a list, where there may be several values, or none. */
export const LISTED = 9;

const DEPTH = 64;
const [QUOTE, BACKSLASH, COMMA, COLON, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x22, 0x5c, 0x2c, 0x3a, 0x7b, 0x7d, 0x5b, 0x5d];
const [MINUS, PLUS, POINT, ZERO, NINE] = [0x2d, 0x2b, 0x2e, 0x30, 0x39];

/** Bytes at which the reading of a text must look closer: quote, backslash, control characters. */
const STOP = new Uint8Array(256).map((_, byte) => (byte === QUOTE || byte === BACKSLASH || byte < 0x20 ? 1 : 0));
/** What may follow a backslash: 1 as it is, 2 where a text could have been written without it, 3 four hexadecimal digits. */
const ESCAPES = new Uint8Array(256);
for (const letter of '"\\bfnrt') ESCAPES[letter.charCodeAt(0)] = 1;
ESCAPES['/'.charCodeAt(0)] = 2;
ESCAPES['u'.charCodeAt(0)] = 3;
const LITERALS: readonly (readonly [kind: number, bytes: readonly number[]])[] = (
  [
    [TRUE, 'true'],
    [FALSE, 'false'],
    [NULL, 'null'],
  ] as const
).map(([kind, text]) => [kind, Array.from(text, (letter) => letter.charCodeAt(0))]);

/** True when one of the four bytes is a quote, a backslash or a control character. */
function stops(word: number): boolean {
  const [quote, backslash] = [word ^ 0x22222222, word ^ 0x5c5c5c5c];
  const controls = (word - 0x20202020) & ~word;
  return ((controls | ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash)) & ASCII_ENDS) !== 0;
}

/** The highest bit of each byte of a word. */
const ASCII_ENDS = 0x80808080;

export class JsonReader {
  bytes: Uint8Array = new Uint8Array();
  /** Of the same bytes. */
  view: DataView = new DataView(this.bytes.buffer);
  /** By node of the tree, valid where `stamps` has the present serial: kind of value, and where it stands (texts without their quotes). */
  kinds = new Uint8Array(256);
  starts = new Int32Array(256);
  ends = new Int32Array(256);
  /** True when some text writes a unit in another way than as itself: `\u0041`, `\/`. */
  respelled = false;
  /** True when some text holds a unit outside ASCII. */
  wide = false;
  private readonly tree: PathTree;
  private stamps = new Int32Array(256);
  private serial = 0;
  private at = 0;
  private end = 0;
  private depth = 0;
  private readonly key = { bytes: this.bytes, from: 0, to: 0 };
  /** Kind of the text read last. */
  private kind = PLAIN;

  constructor(tree: PathTree) {
    this.tree = tree;
  }

  /** True when the bytes are one JSON object that could be read; nothing is known about them otherwise. */
  read(bytes: Uint8Array): boolean {
    if (this.kinds.length < this.tree.size) this.grow();
    if (++this.serial === 0x7fffffff) {
      this.stamps.fill(0);
      this.serial = 1;
    }
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.key.bytes = bytes;
    this.respelled = false;
    this.wide = false;
    this.at = 0;
    this.end = bytes.length;
    this.depth = 0;
    return this.blank() === OPEN && this.object(ROOT) && this.blank() === -1;
  }

  kindOf(node: number): number {
    return this.stamps[node] === this.serial ? (this.kinds[node] ?? ABSENT) : ABSENT;
  }

  private grow(): void {
    const size = this.tree.size * 2;
    this.kinds = new Uint8Array(size);
    this.starts = new Int32Array(size);
    this.ends = new Int32Array(size);
    this.stamps = new Int32Array(size);
  }

  /** Passes over white space; the byte that follows, or -1 at the end. */
  private blank(): number {
    const { bytes, end } = this;
    while (this.at < end) {
      const byte = bytes[this.at] ?? 0;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
      this.at++;
    }
    return -1;
  }

  /** Stands on the brace. `node`: -1 where nobody asks for anything inside. */
  private object(node: number): boolean {
    if (++this.depth > DEPTH) return false;
    this.at++;
    if (this.blank() === CLOSE) return this.leave();
    for (;;) {
      if (this.blank() !== QUOTE) return false;
      const child = node < 0 ? this.passKey() : this.findKey(node);
      if (child === -2 || this.blank() !== COLON) return false;
      this.at++;
      if (!this.value(child)) return false;
      const next = this.blank();
      if (next === CLOSE) return this.leave();
      if (next !== COMMA) return false;
      this.at++;
    }
  }

  private leave(): boolean {
    this.at++;
    this.depth--;
    return true;
  }

  private passKey(): number {
    return this.text() ? -1 : -2;
  }

  /** The node of the key, -1 where nobody asks for it, -2 where it cannot be read. */
  private findKey(parent: number): number {
    const { bytes, end, key } = this;
    let hash = hashStart(parent);
    let at = this.at + 1;
    key.from = at;
    for (; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (STOP[byte] !== 0) break;
      hash = hashStep(hash, byte);
    }
    if (bytes[at] !== QUOTE) return -2;
    key.to = at;
    this.at = at + 1;
    return this.tree.find(parent, hash, key);
  }

  private value(node: number): boolean {
    const first = this.blank();
    const start = this.at;
    if (first === QUOTE) return this.text() && this.note(node, this.kind, start + 1, this.at - 1);
    if (first === OPEN) return this.note(node, COMPLEX, start, start) && this.object(node) && this.noteEnd(node);
    if (first === OPEN_LIST) return this.noteList(node, start) && this.list() && this.noteEnd(node);
    if (first === MINUS || (first >= ZERO && first <= NINE)) return this.number() && this.note(node, NUMBER, start, this.at);
    for (const [kind, literal] of LITERALS) if (first === literal[0]) return this.literal(literal) && this.note(node, kind, start, this.at);
    return false;
  }

  /** False where the place has a value already: which of the two counts is for `JSON.parse` to say. */
  private note(node: number, kind: number, from: number, to: number): boolean {
    if (node < 0) return true;
    if (this.stamps[node] === this.serial) return false;
    this.stamps[node] = this.serial;
    this.kinds[node] = kind;
    this.starts[node] = from;
    this.ends[node] = to;
    return true;
  }

  private noteList(node: number, start: number): boolean {
    if (node < 0) return true;
    for (const inner of this.tree.below[node] ?? []) if (!this.note(inner, LISTED, start, start)) return false;
    return this.note(node, COMPLEX, start, start);
  }

  private noteEnd(node: number): boolean {
    if (node >= 0) this.ends[node] = this.at;
    return true;
  }

  /** Stands on the bracket. What is inside is only checked. */
  private list(): boolean {
    if (++this.depth > DEPTH) return false;
    this.at++;
    if (this.blank() === CLOSE_LIST) return this.leave();
    for (;;) {
      if (!this.value(-1)) return false;
      const next = this.blank();
      if (next === CLOSE_LIST) return this.leave();
      if (next !== COMMA) return false;
      this.at++;
    }
  }

  /** Stands on the quote; stands behind the closing one afterwards. */
  private text(): boolean {
    const { bytes, view, end } = this;
    let at = this.at + 1;
    let seen = 0;
    this.kind = PLAIN;
    for (;;) {
      let byte = 0;
      for (; at + 4 <= end; at += 4) {
        const word = view.getInt32(at, true);
        if (stops(word)) break;
        seen |= word;
      }
      while (at < end && STOP[(byte = bytes[at] ?? 0)] === 0) {
        seen |= byte;
        at++;
      }
      if (at >= end || byte < 0x20) return false;
      if (byte === QUOTE) break;
      at = this.escape(at + 1);
      if (at < 0) return false;
    }
    if ((seen & ASCII_ENDS) !== 0) {
      this.kind = WIDE;
      this.wide = true;
    }
    this.at = at + 1;
    return true;
  }

  /** Stands behind the backslash; where to go on, or -1. */
  private escape(at: number): number {
    const { bytes } = this;
    const sort = at < this.end ? (ESCAPES[bytes[at] ?? 0] ?? 0) : 0;
    if (sort === 0) return -1;
    if (this.kind === PLAIN) this.kind = ESCAPED;
    if (sort === 1) return at + 1;
    this.respelled = true;
    if (sort === 2) return at + 1;
    this.kind = WIDE;
    if (at + 4 >= this.end) return -1;
    for (let digit = at + 1; digit <= at + 4; digit++) if (!isHex(bytes[digit] ?? 0)) return -1;
    return at + 5;
  }

  private literal(literal: readonly number[]): boolean {
    for (const byte of literal) if (this.bytes[this.at++] !== byte) return false;
    return true;
  }

  private number(): boolean {
    if (this.bytes[this.at] === MINUS) this.at++;
    if (this.bytes[this.at] === ZERO) this.at++;
    else if (!this.digits()) return false;
    if (this.bytes[this.at] === POINT) {
      this.at++;
      if (!this.digits()) return false;
    }
    if (((this.bytes[this.at] ?? 0) | 0x20) !== 0x65) return true;
    this.at++;
    if (this.bytes[this.at] === PLUS || this.bytes[this.at] === MINUS) this.at++;
    return this.digits();
  }

  private digits(): boolean {
    const { bytes } = this;
    const start = this.at;
    while ((bytes[this.at] ?? 0) >= ZERO && (bytes[this.at] ?? 0) <= NINE) this.at++;
    return this.at > start;
  }
}

function isHex(byte: number): boolean {
  return (byte >= ZERO && byte <= NINE) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}
