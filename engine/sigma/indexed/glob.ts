/** Patterns with wildcards in other places than at the ends, compiled to a walk from literal to literal. */
import { ANY, type Part, type StringTest } from '../model.ts';
import { prepareLiteral } from './logic.ts';

/** True for texts that are as a whole what the pattern says; the text must be prepared (folded) as the test asks. */
export function compileGlob(test: StringTest): (prepared: string) => boolean {
  const pieces: Part[][] = [[]];
  for (const part of test.parts) {
    if (part === ANY) pieces.push([]);
    else pieces.at(-1)?.push(typeof part === 'string' ? prepareLiteral(test, part) : part);
  }
  const segments = pieces.map((parts) => ({
    parts,
    length: parts.reduce<number>((sum, part) => sum + (typeof part === 'string' ? part.length : 1), 0),
  }));
  const first = segments[0] ?? { parts: [], length: 0 };
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
    let at = first.length;
    const end = text.length - last.length;
    for (const { parts, length } of inner) {
      at = seek(parts, text, at, end - length);
      if (at < 0) return false;
      at += length;
    }
    return at <= end;
  };
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

/** First place from `from` to `to` where the parts stand; -1 where there is none. */
function seek(parts: readonly Part[], text: string, from: number, to: number): number {
  const [only] = parts;
  if (parts.length === 1 && typeof only === 'string') {
    const found = text.indexOf(only, from);
    return found <= to ? found : -1;
  }
  for (let at = from; at <= to; at++) if (standsAt(parts, text, at)) return at;
  return -1;
}
