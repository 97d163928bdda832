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
  // Positions of the text at which the parts so far can end.
  let ends = new Set([0]);
  for (const part of parts) {
    const next = new Set<number>();
    if (part === ANY) for (let at = Math.min(...ends); at <= text.length; at++) next.add(at);
    else
      for (const at of ends) {
        if (part === ONE && at < text.length) next.add(at + 1);
        if (typeof part === 'string' && text.startsWith(part, at)) next.add(at + part.length);
      }
    if (next.size === 0) return false;
    ends = next;
  }
  return ends.has(text.length);
}
