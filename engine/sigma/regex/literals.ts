/** Text that must be present, in lower case, where an expression matches: the guard that keeps it from being run. */
import { fold } from '../match/fold.ts';
import { frequencyOf } from '../match/frequency.ts';
import { pairs, type RegexNode } from './ast.ts';

const MOST = 16;
const LONGEST = 64;
/** A class of more than this many letters says too little. */
const FEW = 4;

interface Known {
  /** All folded texts the node can match, where they are few. */
  readonly exact: readonly string[] | undefined;
  /** One of these must be in any text the node matches. */
  readonly required: readonly string[] | undefined;
}

/** One of the returned folded texts stands in every text the expression matches; undefined when none can be derived. */
export function requiredLiterals(node: RegexNode): readonly string[] | undefined {
  const known = analyse(node);
  const best = better(known.required, usable(known.exact));
  return best;
}

function analyse(node: RegexNode): Known {
  if (node.kind === 'assert') return { exact: [''], required: undefined };
  if (node.kind === 'set') return { exact: singles(node), required: undefined };
  if (node.kind === 'alt') return alternatives(node.items.map(analyse));
  if (node.kind === 'cat') return sequence(node.items.map(analyse));
  const inner = analyse(node.item);
  if (node.max === 1)
    return node.min === 1 ? inner : { exact: limit(inner.exact === undefined ? undefined : ['', ...inner.exact]), required: undefined };
  if (node.min === 0) return { exact: undefined, required: undefined };
  const once = better(inner.required, usable(inner.exact));
  if (inner.exact?.length !== 1) return { exact: undefined, required: once };
  const repeated = (inner.exact[0] ?? '').repeat(Math.min(node.min, LONGEST));
  const exact = node.min === node.max && node.min <= LONGEST ? [repeated] : undefined;
  return { exact, required: better(once, usable([repeated.slice(0, LONGEST)])) };
}

function singles(node: RegexNode & { kind: 'set' }): readonly string[] | undefined {
  const folded = new Set<string>();
  for (const [from, to] of pairs(node.set)) {
    if (to - from > 2 * FEW) return undefined;
    for (let unit = from; unit <= to; unit++) folded.add(fold(String.fromCharCode(unit)));
  }
  return folded.size <= FEW ? [...folded] : undefined;
}

function alternatives(items: readonly Known[]): Known {
  const exact = items.every((item) => item.exact !== undefined)
    ? limit([...new Set(items.flatMap((item) => item.exact ?? []))])
    : undefined;
  const each = items.map((item) => better(item.required, usable(item.exact)));
  const required = each.every((one) => one !== undefined) ? [...new Set(each.flatMap((one) => one ?? []))] : undefined;
  return { exact, required: required !== undefined && required.length <= 4 * MOST ? required : undefined };
}

function sequence(items: readonly Known[]): Known {
  let run: readonly string[] = [''];
  let whole = true;
  let required: readonly string[] | undefined;
  for (const item of items) {
    const joined = item.exact === undefined ? undefined : limit(run.flatMap((start) => (item.exact ?? []).map((end) => start + end)));
    if (joined !== undefined) {
      run = joined;
      continue;
    }
    whole = false;
    required = better(better(required, usable(run)), better(item.required, usable(item.exact)));
    run = item.exact ?? [''];
  }
  return { exact: whole ? run : undefined, required: better(required, usable(run)) };
}

function limit(texts: readonly string[] | undefined): readonly string[] | undefined {
  return texts !== undefined && texts.length <= MOST && texts.every((text) => text.length <= LONGEST) ? texts : undefined;
}

function usable(texts: readonly string[] | undefined): readonly string[] | undefined {
  return texts === undefined || texts.length === 0 || texts.some((text) => text === '') ? undefined : texts;
}

function better(a: readonly string[] | undefined, b: readonly string[] | undefined): readonly string[] | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return worth(b) > worth(a) ? b : a;
}

/** Rarer is better, all of them taken together. */
function worth(texts: readonly string[]): number {
  return -texts.reduce((sum, text) => sum + frequencyOf(text), 0);
}
