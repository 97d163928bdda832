/** Expressions that ask only for so many units of one kind in a row (`.{1000,}`, `[^/]{100,}$`): one walk over the text. */
import { type CharSet, contains, type RegexNode } from './ast.ts';

/** The matcher, or undefined when the expression is something else. */
export function compileRun(tree: RegexNode): ((text: string) => boolean) | undefined {
  const items = (tree.kind === 'cat' ? tree.items : [tree]).map(unwrap);
  const [run, end, ...rest] = items;
  if (run?.kind !== 'repeat' || rest.length > 0) return undefined;
  const unit = unwrap(run.item);
  if (unit.kind !== 'set' || run.min < 1) return undefined;
  if (end === undefined) return (text) => longestRun(text, unit.set, run.min);
  if (end.kind !== 'assert' || (end.what !== 'end' && end.what !== 'very-end')) return undefined;
  const beforeBreak = end.what === 'end';
  return (text) =>
    runBefore(text, text.length, unit.set, run.min) ||
    (beforeBreak && text.endsWith('\n') && runBefore(text, text.length - 1, unit.set, run.min));
}

function unwrap(node: RegexNode): RegexNode {
  const [only] = node.kind === 'cat' ? node.items : [];
  return node.kind === 'cat' && node.items.length === 1 && only !== undefined ? unwrap(only) : node;
}

/** True when `least` units in a row are of the set. */
function longestRun(text: string, set: CharSet, least: number): boolean {
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    if (!contains(set, text.charCodeAt(at))) length = 0;
    else if (++length >= least) return true;
  }
  return false;
}

function runBefore(text: string, end: number, set: CharSet, least: number): boolean {
  if (end < least) return false;
  for (let at = end - least; at < end; at++) if (!contains(set, text.charCodeAt(at))) return false;
  return true;
}
