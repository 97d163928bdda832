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

const MASK = (1 << (ASCII_BITS * GRAM)) - 1;

/** Every part once. */
export class Grams {
  /** For texts in ASCII: the number of the text that last held the part, and the part as it is written. */
  private readonly seen = new Uint32Array(MASK + 1);
  private readonly written: (string | undefined)[] = Array.from({ length: MASK + 1 });
  private text = 0;

  of(folded: string): string {
    for (let at = 0; at < folded.length; at++) if (folded.charCodeAt(at) > 0x7f) return distinct(moveBlanks(folded + END + END)).join(' ');
    return this.plain(folded);
  }

  /** Without making a text of each part: most have been seen before. */
  private plain(folded: string): string {
    if (++this.text === 0xffffffff) {
      this.seen.fill(0);
      this.text = 1;
    }
    const parts: string[] = [];
    let key = 0;
    for (let at = 0; at < folded.length + GRAM - 1; at++) {
      key = ((key << ASCII_BITS) | (at < folded.length ? folded.charCodeAt(at) : 0)) & MASK;
      if (at < GRAM - 1 || this.seen[key] === this.text) continue;
      this.seen[key] = this.text;
      parts.push((this.written[key] ??= writtenOf(key)));
    }
    return parts.join(' ');
  }
}

function writtenOf(key: number): string {
  const codes = [key >> (2 * ASCII_BITS), (key >> ASCII_BITS) & 0x7f, key & 0x7f];
  return moveBlanks(String.fromCharCode(...codes));
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
