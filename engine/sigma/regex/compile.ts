/**
 * A regular expression that is safe to run on untrusted text: native where its worst case is small for the text at hand, in linear
 * time otherwise (docs/decisions/0020-sigma-regex.md).
 */
import { SigmaError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { emit, type Ways, waysOf } from './emit.ts';
import { LinearRegex } from './linear.ts';
import { requiredLiterals } from './literals.ts';
import { parseRegex } from './parse.ts';

/** Steps the native engine may take at worst before the linear one is chosen: some tens of microseconds. */
const NATIVE_STEPS = 20_000;

export interface SafeRegex {
  readonly pattern: string;
  /** Folded texts of which one must be present in a match; undefined where none can be derived. */
  readonly literals: readonly string[] | undefined;
  /** Longest text the native engine is trusted with. */
  readonly nativeLength: number;
  /** True when the expression matches somewhere in the text. Throws `SIGMA_REGEX_BUDGET` for a text that would cost too much. */
  test(text: string): boolean;
  /** Half-open range of the first match, where the native engine may be used on this text. */
  find(text: string): [number, number] | undefined;
}

const cache = new Map<string, SafeRegex>();
const CACHED = 5_000;

/** Compiles (once per pattern). Throws an `Error` that says why, for what the flavour does not allow. */
export function compileRegex(pattern: string, flags: string): SafeRegex {
  const key = `${flags}/${pattern}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  if (pattern.length > LIMITS.regexLength) throw new Error(`it is longer than ${LIMITS.regexLength} characters`);
  const tree = parseRegex(pattern, { i: flags.includes('i'), m: flags.includes('m'), s: flags.includes('s') });
  const native = new RegExp(emit(tree));
  const nativeLength = longestNative(waysOf(tree));
  let linear: LinearRegex | undefined = nativeLength < 1_000 ? new LinearRegex(tree) : undefined;
  const regex: SafeRegex = {
    pattern,
    literals: requiredLiterals(tree),
    nativeLength,
    test(text) {
      if (text.length <= nativeLength) return native.test(text);
      linear ??= new LinearRegex(tree);
      try {
        return linear.test(text);
      } catch (error) {
        if (error instanceof SigmaError) throw new SigmaError('SIGMA_REGEX_BUDGET', { pattern });
        throw error;
      }
    },
    find(text) {
      if (text.length > Math.min(nativeLength, 1 << 20)) return undefined;
      const found = native.exec(text);
      return found === null ? undefined : [found.index, found.index + found[0].length];
    },
  };
  if (cache.size >= CACHED) cache.clear();
  cache.set(key, regex);
  return regex;
}

/** The text length at which the worst case reaches the allowed steps: a search starts at every position. */
function longestNative(ways: Ways): number {
  const { factor, degree } = ways;
  if (degree === Infinity || factor > NATIVE_STEPS) return 0;
  return Math.floor((NATIVE_STEPS / factor) ** (1 / (degree + 1)));
}
