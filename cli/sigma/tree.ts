/** An explanation as text: what the log source decided, the condition's tree, what matched in which value. */
import type { ExplainNode, ExplainTree, SigmaRule } from 'sigma-rules-ts';
import { type Paint, printable } from './text.ts';

/** Characters shown before and after what matched. */
const AROUND = 60;
const LONGEST = 160;

export function treeText(rule: SigmaRule, tree: ExplainTree, paint: Paint): string {
  const verdict = tree.matched ? paint('matches', 'good') : paint('does not match', 'bad');
  const lines = [`${printable(rule.title)} (${printable(rule.id)}): ${verdict}`, ...sourceLines(tree, paint)];
  for (const [index, condition] of tree.conditions.entries()) {
    if (tree.conditions.length > 1) lines.push(`condition ${index + 1}`);
    lines.push(...nodeLines(condition, '', paint));
  }
  return `${lines.join('\n')}\n`;
}

type Named = ExplainTree['logsource']['asked'];

function words(source: Named): string {
  return [source.product, source.category, source.service].filter((word) => word !== undefined).join('/') || 'any';
}

/** One sentence for why the rule looks at the event or does not. */
export function sourceReason({ logsource }: ExplainTree): string {
  const asked = words(logsource.asked);
  if (logsource.applies) return `the event is ${asked}`;
  if (!logsource.known) return `no pipeline knows the log source ${asked}`;
  if (logsource.shape === undefined) return 'the event has no layout that a pipeline knows';
  if (logsource.hint !== undefined) return `the event is not ${asked}: it says of itself that it is ${words(logsource.hint)}`;
  const unmet = logsource.unmet.map(({ field, expected, seen }) => {
    const wants = expected.length > 3 ? `one of ${expected.length} values` : expected.join(' or ');
    return seen.length === 0 ? `it has no ${field} (${wants} is asked for)` : `its ${field} is ${seen.join(', ')}, not ${wants}`;
  });
  return printable(`the event is not ${asked}: ${unmet.join('; ') || `no such log source has the layout "${logsource.shape}"`}`);
}

function sourceLines(tree: ExplainTree, paint: Paint): string[] {
  const { logsource } = tree;
  const mark = logsource.applies ? paint('✔', 'good') : paint('✘', 'bad');
  const others =
    logsource.applies || logsource.belongs.length === 0
      ? ''
      : paint(`\n  it is ${[...new Set(logsource.belongs.map(words))].join(', ')}`, 'dim');
  return [`${mark} log source: ${sourceReason(tree)}${others}`];
}

function nodeLines(node: ExplainNode, indent: string, paint: Paint): string[] {
  const mark = node.result ? paint('✔', 'good') : paint('✘', 'bad');
  const lines = [`${indent}${mark} ${printable(cut(node.label))}`];
  const inner = `${indent}  `;
  if (node.match !== undefined)
    lines.push(`${inner}${paint(printable(node.match.path), 'dim')} = ${marked(node.match.value, node.match.span, paint)}`);
  else if (node.seen !== undefined) {
    const { path, absent, values } = node.seen;
    const what = absent
      ? paint('not in the event', 'dim')
      : values.map((value) => (value === null ? 'null' : printable(cut(value)))).join(' | ');
    lines.push(`${inner}${paint(printable(path), 'dim')} = ${what}`);
  }
  for (const child of node.children) lines.push(...nodeLines(child, inner, paint));
  if (node.omitted !== undefined) lines.push(`${inner}${paint(`… ${node.omitted} more values`, 'dim')}`);
  return lines;
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** The value with what matched set off, and at most so much around it. */
function marked(value: string, span: readonly [number, number] | undefined, paint: Paint): string {
  if (span === undefined) return printable(cut(value));
  const [from, to] = span;
  const [start, end] = [Math.max(0, from - AROUND), Math.min(value.length, to + AROUND)];
  const middle =
    to - from > 4 * LONGEST ? `${value.slice(from, from + 2 * LONGEST)}…${value.slice(to - LONGEST, to)}` : value.slice(from, to);
  const [before, after] = [printable(value.slice(start, from)), printable(value.slice(to, end))];
  return `${start > 0 ? '…' : ''}${before}${paint(printable(middle), 'mark')}${after}${end < value.length ? '…' : ''}`;
}

/** One line for why a rule did not match: the log source, or the first part of the condition that failed. */
export function shortReason(tree: ExplainTree): string {
  if (!tree.logsource.applies) return sourceReason(tree);
  const [first] = tree.conditions;
  const trail = first === undefined ? [] : failing(first, tree.matched);
  const leaf = trail.at(-1);
  if (leaf === undefined) return tree.matched ? 'the rule matches' : 'the rule does not match';
  const seen =
    leaf.seen === undefined
      ? ''
      : leaf.seen.absent
        ? ` (${leaf.seen.path} is not in the event)`
        : ` (${leaf.seen.path} = ${cut(leaf.seen.values.join(' | '))})`;
  const held = leaf.match === undefined ? '' : ` (${leaf.match.path} = ${cut(leaf.match.value)})`;
  return printable(`${trail.map(({ label }) => cut(label)).join(' › ')} is ${leaf.result}${seen}${held}`);
}

/** The way down to the first leaf that decides a result. */
function failing(node: ExplainNode, result: boolean): ExplainNode[] {
  const opposite = node.label === 'not' ? !result : result;
  const next = node.children.find((child) => child.result === opposite);
  return next === undefined ? [node] : [node, ...failing(next, opposite)];
}
