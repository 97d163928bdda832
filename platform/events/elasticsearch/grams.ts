/**
 * The parts of three characters that a folded text holds, as one text with blanks between them, which Elasticsearch's `whitespace`
 * analyzer takes apart again. A text that holds a searched text holds all its parts; the text itself is then looked at.
 */
import { GRAM } from '../bounds.ts';

/** Ends a text twice, so that its last characters begin a part too. No folded text holds it. */
const END = '\0';
/** Blanks can not stand in a part: they are moved into a range that texts do not use. Not always back: `isExact`. */
const MOVED = 0xe000;
// oxlint-disable-next-line no-control-regex -- what the analyzer takes for blanks, and the range they are moved to
const BLANKS = /[\u0000-\u0020\s\u0085\u001c-\u001f\u200b\ue000-\ue0ff]/g;
const ASCII_BITS = 7;

/** Every part once. */
export class Grams {
  /** For texts in ASCII: the number of the text that last held the part. */
  private readonly seen = new Uint32Array(1 << (ASCII_BITS * GRAM));
  private text = 0;

  of(folded: string): string {
    const moved = moveBlanks(folded) + moveBlanks(END + END);
    let plain = true;
    for (let at = 0; plain && at < folded.length; at++) plain = folded.charCodeAt(at) < 0x80;
    return plain ? this.plain(folded, moved) : distinct(moved).join(' ');
  }

  private plain(folded: string, moved: string): string {
    if (++this.text === 0xffffffff) {
      this.seen.fill(0);
      this.text = 1;
    }
    const parts: string[] = [];
    const mask = (1 << (ASCII_BITS * GRAM)) - 1;
    let key = 0;
    for (let at = 0; at < moved.length; at++) {
      key = ((key << ASCII_BITS) | (at < folded.length ? folded.charCodeAt(at) : 0)) & mask;
      if (at < GRAM - 1 || this.seen[key] === this.text) continue;
      this.seen[key] = this.text;
      parts.push(moved.slice(at - GRAM + 1, at + 1));
    }
    return parts.join(' ');
  }
}

/** The parts that a text with this in it holds; for less than three characters: what a part of it begins with. */
export function gramsOf(folded: string): { readonly all: readonly string[] } | { readonly beginning: string } {
  const moved = moveBlanks(folded);
  return Array.from(moved).length < GRAM ? { beginning: moved } : { all: distinct(moved) };
}

/** True when the parts say all: no text has them without holding this. */
export function isExact(folded: string): boolean {
  return Array.from(folded).length <= GRAM && /^[\u0020-\u007e]*$/.test(folded);
}

function distinct(moved: string): string[] {
  const points = Array.from(moved);
  const found = new Set<string>();
  for (let at = GRAM; at <= points.length; at++) found.add(points.slice(at - GRAM, at).join(''));
  return [...found];
}

function moveBlanks(text: string): string {
  return text.replace(BLANKS, (blank) => {
    const code = blank.charCodeAt(0);
    return String.fromCharCode(MOVED + (code <= 0x20 ? code : 0x80));
  });
}
