/**
 * A regular expression that is safe to run on untrusted text: native where its worst case is small for the text at hand, in linear
 * time otherwise (docs/decisions/0020-sigma-regex.md).
 */
import { SigmaError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { RegexNode } from './ast.ts';
import { currentEvent } from './budget.ts';
import { leadingSets, shortestMatch, stepsPerStart } from './cost.ts';
import { emit } from './emit.ts';
import { LinearRegex } from './linear.ts';
import { requiredLiterals } from './literals.ts';
import { parseRegex } from './parse.ts';
import { compileRun } from './run.ts';

/** Steps the native engine may take at worst before the linear one is chosen: calibrated to well below a millisecond. */
const NATIVE_STEPS = 200_000;
/** A source longer than this takes V8 so long to translate that no event should wait for it. */
const LONG_SOURCE = 400;
/** Longer sources are never given to V8, which translates them in time that grows with the square of their length. */
const MOST_SOURCE = 4_000;
const SHORT = ' '.repeat(16);
/** Steps that finding one more start costs, while they are counted. */
const START_STEPS = 20;

export interface SafeRegex {
  readonly pattern: string;
  /** Folded texts of which one must be present in a match; undefined where none can be derived. */
  readonly literals: readonly string[] | undefined;
  /** UTF-16 code units of the shortest match. */
  readonly shortest: number;
  /** True when the expression matches somewhere in the text. Throws `SIGMA_REGEX_BUDGET` where that would cost too much. */
  test(text: string): boolean;
  /** Half-open range of the first match, where the native engine can do it in bounded time. */
  find(text: string): [number, number] | undefined;
  /** Whether the native engine would be used on this text, after what it had to do for this event. */
  isNative(text: string): boolean;
}

const cache = new Map<string, SafeRegex>();
/** Expressions kept, each with what its automaton has learnt: SigmaHQ's rules have 149. */
const CACHED = 1_000;

/** Compiles (once per pattern). Throws an `Error` that says why, for what the flavour does not allow. */
export function compileRegex(pattern: string, flags: string): SafeRegex {
  const key = `${flags}/${pattern}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  if (pattern.length > LIMITS.regexLength) throw new Error(`it is longer than ${LIMITS.regexLength} characters`);
  const tree = parseRegex(pattern, { i: flags.includes('i'), m: flags.includes('m'), s: flags.includes('s') });
  const regex = new Regex(pattern, tree);
  if (cache.size >= CACHED) cache.clear();
  cache.set(key, regex);
  return regex;
}

class Regex implements SafeRegex {
  readonly pattern: string;
  readonly literals: readonly string[] | undefined;
  private readonly tree: RegexNode;
  private readonly native: RegExp;
  private readonly run: ((text: string) => boolean) | undefined;
  /** Finds where a match may begin, where every match begins with the same text. */
  private readonly leading: Leading | undefined;
  readonly shortest: number;
  /** Worst case per start, by the power of two that the text's length does not exceed. */
  private readonly steps: number[] = [];
  private readonly linear: LinearRegex | undefined;
  /** Steps the native engine was let take on values of this event. */
  private spent = 0;
  private event = 0;

  constructor(pattern: string, tree: RegexNode) {
    this.pattern = pattern;
    this.tree = tree;
    this.native = new RegExp(emit(tree));
    this.run = compileRun(tree);
    this.literals = requiredLiterals(tree);
    const leading = leadingSets(tree);
    this.leading = leading === undefined ? undefined : new Leading(leading);
    this.shortest = shortestMatch(tree);
    // Built now, so that an expression too large for it is refused with its rule, and no event has to wait for it.
    if (this.run === undefined) this.linear = new LinearRegex(tree);
    // Not where it never runs: V8 does not come back from translating some of those.
    if (this.native.source.length > LONG_SOURCE && this.isNative(SHORT)) warm(this.native);
  }

  test(text: string): boolean {
    if (text.length < this.shortest) return false;
    if (this.run !== undefined) return this.run(text);
    this.follow();
    const steps = this.nativeSteps(text);
    if (this.linear === undefined || (steps !== undefined && this.spent + steps <= NATIVE_STEPS)) {
      this.spent += steps ?? 0;
      return this.native.test(text);
    }
    try {
      return this.linear.test(text);
    } catch (error) {
      if (error instanceof SigmaError) throw new SigmaError('SIGMA_REGEX_BUDGET', { pattern: this.pattern });
      throw error;
    }
  }

  find(text: string): [number, number] | undefined {
    if (this.nativeSteps(text) === undefined) return undefined;
    const found = this.native.exec(text);
    return found === null ? undefined : [found.index, found.index + found[0].length];
  }

  isNative(text: string): boolean {
    this.follow();
    const steps = this.nativeSteps(text);
    return steps !== undefined && this.spent + steps <= NATIVE_STEPS;
  }

  /** What was spent is forgotten when another event begins. */
  private follow(): void {
    const event = currentEvent();
    if (event !== 0 && event === this.event) return;
    this.event = event;
    this.spent = 0;
    this.linear?.renew();
  }

  /** What the native engine takes at worst on this text; undefined where that is too much. */
  private nativeSteps(text: string): number | undefined {
    const { length } = text;
    if (this.native.source.length > MOST_SOURCE) return undefined;
    const steps = this.stepsFor(length);
    const everywhere = length * steps + length;
    if (everywhere <= NATIVE_STEPS) return everywhere;
    const most = Math.floor((NATIVE_STEPS - length) / (steps + START_STEPS));
    const starts = this.leading !== undefined && most > 0 ? this.leading.count(text, most) : undefined;
    return starts === undefined ? undefined : starts * (steps + START_STEPS) + length;
  }

  private stepsFor(length: number): number {
    const power = Math.max(4, 32 - Math.clz32(length));
    return (this.steps[power] ??= stepsPerStart(this.tree, 2 ** power));
  }
}

/** V8 translates an expression when it first runs, for texts of one and of two bytes a unit, and better when it runs again. */
function warm(native: RegExp): void {
  for (const text of ['', '', '\u0100', '\u0100']) native.test(text);
}

/** Counts the places where a match may begin. */
class Leading {
  private readonly finder: RegExp;
  private readonly length: number;

  constructor(sets: readonly RegexNode[]) {
    this.finder = new RegExp(sets.map(emit).join(''), 'g');
    this.length = sets.length;
  }

  /** Undefined for more than `most`. */
  count(text: string, most: number): number | undefined {
    const { finder } = this;
    finder.lastIndex = 0;
    let count = 0;
    for (; finder.test(text); count++) {
      if (count === most) return undefined;
      // The next may begin within this one.
      finder.lastIndex -= this.length - 1;
    }
    return count;
  }
}
