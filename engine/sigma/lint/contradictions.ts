/** Values on one field that no single value of an event can satisfy together. */
import { SigmaError } from '../errors.ts';
import type { Condition, Test } from '../model.ts';
import { matchesValue } from '../plain/evaluate.ts';
import { demands } from './conditions.ts';
import { shorten } from './detections.ts';
import { type LintDetection, type LintDocument, type LintItem, type LintNode, refusal } from './document.ts';

/** Values that are tried on other items of one document. */
const TRIED = 100_000;

/** Looks at the items of one map, and at those of all detections a condition cannot hold without. */
export function checkContradictions(conditions: readonly Condition[], detections: readonly LintDetection[], document: LintDocument): void {
  const seen = new Set<LintItem>();
  const report = (item: LintItem, message: string): void => {
    if (!seen.has(item)) document.report('contradicting-values', item.place, message);
    seen.add(item);
  };
  const trial: Trial = { report, left: TRIED };
  for (const { node } of detections) for (const items of conjunctions(node)) checkTogether(items, [], trial);
  for (const condition of conditions) {
    const { must, mustNot } = demands(condition);
    const needed = must.flatMap((name) => required(nodeOf(name, detections)));
    const excluded = mustNot.flatMap((name) => {
      const node = nodeOf(name, detections);
      return node?.kind === 'item' ? [node] : node?.children.length === 1 && node.children[0]?.kind === 'item' ? [node.children[0]] : [];
    });
    checkTogether(needed, excluded, trial);
  }
}

interface Trial {
  readonly report: (item: LintItem, message: string) => void;
  /** Tests that may still be run; afterwards nothing more is found. */
  left: number;
}

function nodeOf(name: string, detections: readonly LintDetection[]): LintNode | undefined {
  return detections.find((detection) => detection.name === name)?.node;
}

/** Groups of items that must hold together. */
function conjunctions(node: LintNode): LintItem[][] {
  if (node.kind === 'item') return [[node]];
  if (node.kind === 'and') return [required(node)];
  return node.children.flatMap(conjunctions);
}

function required(node: LintNode | undefined): LintItem[] {
  if (node === undefined) return [];
  if (node.kind === 'item') return [node];
  return node.kind === 'and' || node.children.length === 1 ? node.children.flatMap(required) : [];
}

function checkTogether(needed: readonly LintItem[], excluded: readonly LintItem[], trial: Trial): void {
  const { report } = trial;
  for (const item of needed) {
    const values = exactValues(item);
    if (values === undefined) continue;
    if (item.modifiers?.link === 'all') {
      const other = values.find((value) => value.toLowerCase() !== values[0]?.toLowerCase());
      if (other !== undefined) report(item, `"${item.key ?? ''}" cannot be ${shorten(values[0] ?? '')} and ${shorten(other)} at once.`);
      continue;
    }
    const other = needed.find(
      (candidate) =>
        candidate !== item && candidate.field === item.field && !values.some((value) => holds(candidate, value, { trial, unknown: true })),
    );
    if (other !== undefined) report(item, `No value of "${item.key ?? ''}" satisfies "${other.key ?? ''}" (line ${other.place.line}) too.`);
    const opposite = excluded.find(
      (candidate) => candidate.field === item.field && values.every((value) => holds(candidate, value, { trial, unknown: false })),
    );
    if (opposite !== undefined)
      report(item, `The condition excludes every value of "${item.key ?? ''}" again through line ${opposite.place.line}.`);
  }
}

/** The texts a field must be one of (or all of), where the item says just that. */
function exactValues(item: LintItem): string[] | undefined {
  if (item.field === null || item.modifiers === undefined || item.modifiers.negated || item.modifiers.datePart !== undefined)
    return undefined;
  const texts = item.values.map(({ tests: [test, ...more] }) => {
    if (more.length > 0 || test?.kind !== 'string' || test.parts.length > 1) return undefined;
    const [text = ''] = test.parts;
    return typeof text === 'string' ? text : undefined;
  });
  const known = texts.filter((text) => text !== undefined);
  return known.length > 0 && known.length === texts.length ? known : undefined;
}

/** Whether an item holds for a field of this one value; `unknown` where that cannot be told. */
function holds(item: LintItem, value: string, { trial, unknown }: { readonly trial: Trial; readonly unknown: boolean }): boolean {
  if (trial.left <= 0) return unknown;
  trial.left -= item.values.length + 1;
  const { modifiers } = item;
  const tests = item.values.flatMap((one) => one.tests);
  if (modifiers === undefined || modifiers.datePart !== undefined || tests.length === 0 || tests.some(isOpen)) return unknown;
  const test = (one: Test): boolean => (one.kind === 'exists' ? one.expected : matchesValue(one, value));
  const result = refusal(() => (modifiers.link === 'all' ? tests.every(test) : tests.some(test)));
  if (result instanceof SigmaError) return unknown;
  return modifiers.negated ? !result : result;
}

function isOpen(test: Test): boolean {
  return test.kind === 'fieldref' || (test.kind === 'string' && test.parts.some((part) => typeof part === 'object'));
}
