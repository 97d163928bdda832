/** Which part of a value a test matched, as a half-open range of UTF-16 code units. */
import { fold, foldDashes } from '../match/fold.ts';
import { ANY, ONE, type Part, type StringTest, type Test } from '../model.ts';
import { compileRegex } from '../regex/compile.ts';

export type Span = [number, number];

/** The span in a value that the test is known to match; undefined where it cannot be told. A keyword may stand anywhere. */
export function spanOf(test: Test, value: string, keyword: boolean): Span | undefined {
  if (test.kind === 'regex') return compileRegex(test.pattern, test.flags).find(value);
  if (test.kind === 'string') return stringSpan(test, value, keyword);
  return test.kind === 'cidr' || test.kind === 'compare' || test.kind === 'fieldref' ? [0, value.length] : undefined;
}

/** Literals and single wildcards between two `*`: always of one length. */
type Run = readonly (string | typeof ONE)[];

/** What the pattern without its outer `*` covers: leftmost, and from there as short as it can be. */
function stringSpan(test: StringTest, value: string, keyword: boolean): Span | undefined {
  const prepare = (text: string): string => {
    const dashed = test.dashes ? foldDashes(text) : text;
    return test.cased ? dashed : fold(dashed);
  };
  const text = prepare(value);
  const parts = keyword ? [ANY, ...test.parts, ANY] : test.parts;
  const runs = runsOf(parts, prepare);
  const [first] = runs;
  if (first === undefined) return undefined;
  const [open, closed] = [parts[0] === ANY, parts.at(-1) !== ANY];
  const starts = open ? [...positions(first, text, 0)] : fits(first, text, 0) ? [0] : [];
  for (const start of starts) {
    const end = endOf(runs, text, { start, closed });
    if (end !== undefined) return [start, end];
  }
  return undefined;
}

function runsOf(parts: readonly Part[], prepare: (text: string) => string): Run[] {
  const runs: (string | typeof ONE)[][] = [];
  let fresh = true;
  for (const part of parts) {
    if (typeof part === 'object') continue;
    if (part === ANY) fresh = true;
    else if (fresh) {
      runs.push([part === ONE ? ONE : prepare(part)]);
      fresh = false;
    } else runs.at(-1)?.push(part === ONE ? ONE : prepare(part));
  }
  return runs;
}

function lengthOf(run: Run): number {
  return run.reduce<number>((length, part) => length + (part === ONE ? 1 : part.length), 0);
}

function fits(run: Run, text: string, at: number): boolean {
  let next = at;
  for (const part of run) {
    if (part !== ONE && !text.startsWith(part, next)) return false;
    next += part === ONE ? 1 : part.length;
  }
  return next <= text.length;
}

function* positions(run: Run, text: string, from: number): Generator<number> {
  const [lead] = run;
  for (let at = from; at <= text.length; at++) {
    if (typeof lead === 'string') {
      at = text.indexOf(lead, at);
      if (at < 0) return;
    }
    if (fits(run, text, at)) yield at;
  }
}

/** Each run at the first place after the one before it; the last one at the end of the text where the pattern ends there. */
function endOf(
  runs: readonly Run[],
  text: string,
  { start, closed }: { readonly start: number; readonly closed: boolean },
): number | undefined {
  let end = start;
  for (const [index, run] of runs.entries()) {
    const length = lengthOf(run);
    if (closed && index === runs.length - 1) {
      const at = text.length - length;
      return at >= end && (index > 0 || at === start) && fits(run, text, at) ? text.length : undefined;
    }
    const at = index === 0 ? start : positions(run, text, end).next().value;
    if (typeof at !== 'number') return undefined;
    end = at + length;
  }
  return end;
}
