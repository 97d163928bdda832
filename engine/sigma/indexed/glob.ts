/** Patterns with wildcards in other places than at the ends, compiled to a walk from literal to literal. */
import { SigmaError } from '../errors.ts';
import { type Finder, makeFinder } from '../match/find.ts';
import { ANY, type Part, type StringTest } from '../model.ts';
import { prepareLiteral } from './logic.ts';

/** Units compared in vain for one text, about a millisecond: `aaa?b` on a long row of `a` would go on for seconds. */
export const MOST_COMPARED = 1_000_000;

/** What stands between two `*`. */
interface Segment {
  readonly parts: readonly Part[];
  readonly length: number;
  /** Its longest literal, and how many units stand before it; undefined where it has only `?`. */
  readonly anchor: { readonly find: Finder; readonly before: number } | undefined;
}

/**
 * True for texts that are as a whole what the pattern says; the text must be prepared (folded) as the test asks. Throws
 * `SIGMA_REGEX_BUDGET` for a text that would cost too much.
 */
export function compileGlob(test: StringTest): (prepared: string) => boolean {
  const pieces: Part[][] = [[]];
  for (const part of test.parts) {
    if (part === ANY) pieces.push([]);
    else pieces.at(-1)?.push(typeof part === 'string' ? prepareLiteral(test, part) : part);
  }
  const segments = pieces.map(toSegment);
  const first = segments[0] ?? toSegment([]);
  const last = segments.at(-1) ?? first;
  if (segments.length === 1) return (text) => text.length === first.length && standsAt(first.parts, text, 0);
  const inner = segments.slice(1, -1);
  return (text) => {
    if (
      text.length < first.length + last.length ||
      !standsAt(first.parts, text, 0) ||
      !standsAt(last.parts, text, text.length - last.length)
    )
      return false;
    const search = new Search(text, test.text);
    let at = first.length;
    const end = text.length - last.length;
    for (const segment of inner) {
      at = search.seek(segment, at, end - segment.length);
      if (at < 0) return false;
      at += segment.length;
    }
    return at <= end;
  };
}

function toSegment(parts: readonly Part[]): Segment {
  let length = 0;
  let longest = '';
  let before = 0;
  for (const part of parts) {
    if (typeof part === 'string' && part.length > longest.length) [longest, before] = [part, length];
    length += typeof part === 'string' ? part.length : 1;
  }
  return { parts, length, anchor: longest === '' ? undefined : { find: makeFinder(longest), before } };
}

function standsAt(parts: readonly Part[], text: string, start: number): boolean {
  let at = start;
  for (const part of parts) {
    if (typeof part === 'string') {
      if (!text.startsWith(part, at)) return false;
      at += part.length;
    } else at++;
  }
  return true;
}

class Search {
  private readonly text: string;
  private readonly pattern: string;
  private compared = 0;

  constructor(text: string, pattern: string) {
    this.text = text;
    this.pattern = pattern;
  }

  /** First place from `from` to `to` where the segment stands; -1 where there is none. */
  seek({ parts, length, anchor }: Segment, from: number, to: number): number {
    if (anchor === undefined) return from <= to ? from : -1;
    for (let at = from; at <= to; at++) {
      const found = anchor.find(this.text, at + anchor.before);
      if (found < 0) return -1;
      at = found - anchor.before;
      if (at > to) return -1;
      if (parts.length === 1 || standsAt(parts, this.text, at)) return at;
      this.compared += length;
      if (this.compared > MOST_COMPARED) throw new SigmaError('SIGMA_REGEX_BUDGET', { pattern: this.pattern });
    }
    return -1;
  }
}
