/** Sigma strings against texts, written to be obviously right: a walk over pattern and text, nothing precomputed. */
import { fold, foldDashes } from '../match/fold.ts';
import { ANY, ONE, type Part, type StringTest } from '../model.ts';

/** True when the whole text is what the pattern says. */
export function matchesString(test: StringTest, text: string): boolean {
  const prepare = (value: string): string => {
    const dashed = test.dashes ? foldDashes(value) : value;
    return test.cased ? dashed : fold(dashed);
  };
  const parts = test.parts.map((part) => (typeof part === 'string' ? prepare(part) : part));
  return matchesParts(parts, prepare(text));
}

function matchesParts(parts: readonly Part[], text: string): boolean {
  // Places at which the parts so far can end, in ascending order; after `*` also every place behind the first of them.
  let ends = [0];
  let open = false;
  for (const part of parts) {
    if (part === ANY) {
      open = true;
      continue;
    }
    const starts = open ? placesFrom(ends[0] ?? 0, part, text) : ends.filter((at) => standsAt(part, text, at));
    if (starts.length === 0) return false;
    ends = starts.map((at) => at + (typeof part === 'string' ? part.length : 1));
    open = false;
  }
  return open || ends.includes(text.length);
}

function standsAt(part: Part, text: string, at: number): boolean {
  return part === ONE ? at < text.length : typeof part === 'string' && text.startsWith(part, at);
}

/** Every place from `from` on where the part stands. */
function placesFrom(from: number, part: Part, text: string): number[] {
  const places: number[] = [];
  for (let at = from; at <= text.length; at++) {
    if (typeof part === 'string') at = text.indexOf(part, at);
    if (at < 0) break;
    if (standsAt(part, text, at)) places.push(at);
  }
  return places;
}
