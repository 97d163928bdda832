/** Expressions that ask only for so many units of one kind in a row (`.{1000,}`, `[^/]{100,}$`): one walk over the text. */
import type { CharSet, RegexNode } from './ast.ts';
import { Classes } from './classes.ts';

/** The matcher, or undefined when the expression is something else. */
export function compileRun(tree: RegexNode): ((text: string) => boolean) | undefined {
  const items = (tree.kind === 'cat' ? tree.items : [tree]).map(unwrap);
  const [run, end, ...rest] = items;
  if (run?.kind !== 'repeat' || rest.length > 0) return undefined;
  const unit = unwrap(run.item);
  if (unit.kind !== 'set' || run.min < 1) return undefined;
  const inSet = members(unit.set);
  if (end === undefined) return (text) => longestRun(text, inSet, run.min);
  if (end.kind !== 'assert' || (end.what !== 'end' && end.what !== 'very-end')) return undefined;
  const beforeBreak = end.what === 'end';
  return (text) =>
    runBefore(text, text.length, { ...inSet, least: run.min }) ||
    (beforeBreak && text.endsWith('\n') && runBefore(text, text.length - 1, { ...inSet, least: run.min }));
}

function unwrap(node: RegexNode): RegexNode {
  const [only] = node.kind === 'cat' ? node.items : [];
  return node.kind === 'cat' && node.items.length === 1 && only !== undefined ? unwrap(only) : node;
}

/** True when `least` units in a row are of the set. Looks from the end of each run that is possible, so that most units are passed over. */
function longestRun(text: string, { has }: Members, least: number): boolean {
  // Units before `start` are in no run that is still possible; those from `start` to `known` are of the set.
  let start = 0;
  let known = 0;
  while (start + least <= text.length) {
    let at = start + least - 1;
    while (at >= known && has(text.charCodeAt(at))) at--;
    if (at < known) return true;
    known = start + least;
    start = at + 1;
  }
  return false;
}

function runBefore(text: string, end: number, { has, least }: Members & { readonly least: number }): boolean {
  if (end < least) return false;
  for (let at = end - least; at < end; at++) if (!has(text.charCodeAt(at))) return false;
  return true;
}

interface Members {
  readonly has: (unit: number) => boolean;
}

/** Of the classes that one set makes, every second one is in it: the first is what stands before its first range. */
function members(set: CharSet): Members {
  const classes = new Classes([set]);
  return { has: (unit) => (classes.of(unit) & 1) === 1 };
}
