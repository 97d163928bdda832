/**
 * A regular expression that is safe to run on untrusted text: native where its worst case is small for the text at hand, in linear
 * time otherwise (docs/decisions/0020-sigma-regex.md).
 */
import { SigmaError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { fold } from '../match/fold.ts';
import type { RegexNode } from './ast.ts';
import { leadingText, shortestMatch, stepsPerStart } from './cost.ts';
import { emit } from './emit.ts';
import { LinearRegex } from './linear.ts';
import { requiredLiterals } from './literals.ts';
import { parseRegex } from './parse.ts';
import { compileRun } from './run.ts';

/** Steps the native engine may take at worst before the linear one is chosen: about half a millisecond. */
const NATIVE_STEPS = 300_000;

export interface SafeRegex {
  readonly pattern: string;
  /** Folded texts of which one must be present in a match; undefined where none can be derived. */
  readonly literals: readonly string[] | undefined;
  /** UTF-16 code units of the shortest match. */
  readonly shortest: number;
  /** True when the expression matches somewhere in the text. Throws `SIGMA_REGEX_BUDGET` for a text that would cost too much. */
  test(text: string): boolean;
  /** Half-open range of the first match, where the native engine may be used on this text. */
  find(text: string): [number, number] | undefined;
  /** Whether the native engine would be used on this text. */
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
  private readonly leading: string | undefined;
  readonly shortest: number;
  /** Worst case per start, by the power of two that the text's length does not exceed. */
  private readonly steps: number[] = [];
  private linear: LinearRegex | undefined;

  constructor(pattern: string, tree: RegexNode) {
    this.pattern = pattern;
    this.tree = tree;
    this.native = new RegExp(emit(tree));
    this.run = compileRun(tree);
    this.literals = requiredLiterals(tree);
    this.leading = leadingText(tree);
    this.shortest = shortestMatch(tree);
    // Built now where it will be needed, so that an expression too large for it is refused with its rule.
    if (!this.isCheap(256, 256)) this.linear = new LinearRegex(tree);
  }

  test(text: string): boolean {
    if (text.length < this.shortest) return false;
    if (this.run !== undefined) return this.run(text);
    if (this.isNative(text)) return this.native.test(text);
    this.linear ??= new LinearRegex(this.tree);
    try {
      return this.linear.test(text);
    } catch (error) {
      if (error instanceof SigmaError) throw new SigmaError('SIGMA_REGEX_BUDGET', { pattern: this.pattern });
      throw error;
    }
  }

  find(text: string): [number, number] | undefined {
    if (!this.isNative(text)) return undefined;
    const found = this.native.exec(text);
    return found === null ? undefined : [found.index, found.index + found[0].length];
  }

  isNative(text: string): boolean {
    const { length } = text;
    if (this.isCheap(length, length)) return true;
    return this.leading !== undefined && this.isCheap(length, starts(fold(text), this.leading));
  }

  private isCheap(length: number, startCount: number): boolean {
    const power = Math.max(4, 32 - Math.clz32(length));
    const steps = (this.steps[power] ??= stepsPerStart(this.tree, 2 ** power));
    return startCount * steps + length <= NATIVE_STEPS;
  }
}

function starts(text: string, leading: string): number {
  let count = 0;
  for (let at = text.indexOf(leading); at >= 0; at = text.indexOf(leading, at + 1)) count++;
  return count;
}
