/**
 * Why a rule matches an event or does not: what the log source decided, the condition's tree with the result of each part, what matched
 * where, and what else was seen or was absent.
 */
import { type ExplainLogSource, sightOf } from './explain/logsource.ts';
import { spanOf } from './explain/span.ts';
import type { Condition, Detection, Item, SigmaRule, Test } from './model.ts';
import type { Pipelines } from './pipelines/model.ts';
import { leaves, readFirst, readPath, scalars } from './pipelines/paths.ts';
import { fieldPaths } from './pipelines/resolve.ts';
import { evaluateCondition, evaluateDetection, evaluateTest, type EventView, matchesKeyword } from './plain/evaluate.ts';

export type { ExplainLogSource } from './explain/logsource.ts';

export interface ExplainNode {
  /** `and`, `or`, `not`, a selection's name, or a detection item's text. */
  label: string;
  result: boolean;
  children: ExplainNode[];
  match?: ExplainMatch;
  /** Of an item that no value satisfied: what its field holds. */
  seen?: ExplainSeen;
  /** Values of the rule beyond those listed as children. */
  omitted?: number;
}
export interface ExplainMatch {
  selection: string;
  /** Field as the rule writes it; null for keywords. */
  field: string | null;
  modifiers: string[];
  /** The rule's value that matched. */
  pattern: string;
  /** Place the value was found at, and the value. */
  path: string;
  value: string;
  /** Half-open range of UTF-16 code units of `value` that matched, where it is a part of it. */
  span?: [number, number];
}
export interface ExplainSeen {
  /** Place the field was found at; where it is absent, the first place that was looked at. */
  path: string;
  absent: boolean;
  /** The first values found there; null as null. */
  values: (string | null)[];
}
export interface ExplainTree {
  /** Whether the rule matches: it looks at the event, and a condition holds. */
  matched: boolean;
  logsource: ExplainLogSource;
  /** Evaluated as if the rule looked at the event, even where it does not. */
  conditions: ExplainNode[];
  /** What matched in the detections that made the rule match. */
  matches: ExplainMatch[];
}

/** Longest value shown. */
const VALUE_LENGTH = 65_536;
/** Values of an item shown as children, where they matched and where they did not. */
const MOST_MATCHED = 100;
const MOST_MISSED = 5;

interface Walk {
  readonly rule: SigmaRule;
  readonly view: EventView;
}

/** Explains a rule on an event. Placeholders must have been filled. The tree is empty only where the event has no shape at all. */
export function explain(rule: SigmaRule, event: object, { pipelines }: { readonly pipelines: Pipelines }): ExplainTree {
  const { logsource, kind, source } = sightOf(rule.logsource, event, pipelines);
  if (kind === undefined || source === undefined) return { matched: false, logsource, conditions: [], matches: [] };
  const view: EventView = { event, paths: (field) => fieldPaths(kind.shape, source, field), keywords: kind.shape.keywords };
  const conditions = rule.conditions.map((condition) => conditionNode(condition, { rule, view }));
  const matched = logsource.applies && conditions.some(({ result }) => result);
  const matches: ExplainMatch[] = [];
  if (logsource.applies) for (const condition of conditions) if (condition.result) collect(condition, matches);
  return { matched, logsource, conditions, matches };
}

/** Matches of the parts that carry the result: never those below a `not`, nor of a selection that failed. */
function collect(node: ExplainNode, into: ExplainMatch[]): void {
  if (!node.result || node.label === 'not') return;
  if (node.match !== undefined && !into.some((known) => JSON.stringify(known) === JSON.stringify(node.match))) into.push(node.match);
  for (const child of node.children) collect(child, into);
}

function conditionNode(condition: Condition, walk: Walk): ExplainNode {
  const result = evaluateCondition(condition, walk.rule, walk.view);
  if (condition.kind === 'and' || condition.kind === 'or')
    return { label: condition.kind, result, children: condition.children.map((child) => conditionNode(child, walk)) };
  if (condition.kind === 'not') return { label: 'not', result, children: [conditionNode(condition.child, walk)] };
  if (condition.kind === 'selection') return selectionNode(condition.name, walk);
  return { label: condition.text, result, children: condition.names.map((name) => selectionNode(name, walk)) };
}

function selectionNode(name: string, walk: Walk): ExplainNode {
  const detection = walk.rule.detections.find((named) => named.name === name)?.detection;
  if (detection === undefined) return { label: name, result: false, children: [] };
  return { label: name, result: evaluateDetection(detection, walk.view), children: [detectionNode(detection, name, walk)] };
}

function detectionNode(detection: Detection, selection: string, walk: Walk): ExplainNode {
  if (detection.kind === 'item') return itemNode(detection, selection, walk);
  return {
    label: detection.kind,
    result: evaluateDetection(detection, walk.view),
    children: detection.children.map((child) => detectionNode(child, selection, walk)),
  };
}

/** An item with its values: all that are joined with `all`, else those that matched or, where none did, the first few. */
function itemNode(item: Item, selection: string, walk: Walk): ExplainNode {
  const label = [item.field ?? 'keywords', ...item.modifiers].join('|');
  const result = evaluateDetection(item, walk.view);
  const tested = item.tests.map((test) => ({ test, holds: evaluateTest(test, item, walk.view) }));
  const held = tested.filter(({ holds }) => holds);
  const relevant = item.link === 'all' || held.length === 0 ? tested : held;
  const listed = relevant.slice(0, item.link === 'all' || held.length > 0 ? MOST_MATCHED : MOST_MISSED);
  const children = listed.map(({ test, holds }): ExplainNode => {
    const match = holds && !item.negated ? findMatch(test, item, selection, walk.view) : undefined;
    return { label: `${label}: ${test.text}`, result: holds, children: [], ...(match === undefined ? {} : { match }) };
  });
  const seen = held.length < (item.link === 'all' ? tested.length : 1) || item.negated ? seenBy(item, walk.view) : undefined;
  const about = seen === undefined ? {} : { seen };
  const [only] = children;
  if (item.tests.length === 1 && only !== undefined && !item.negated) return { ...only, ...about };
  const omitted = relevant.length - listed.length;
  return { label, result, children, ...about, ...(omitted === 0 ? {} : { omitted }) };
}

function seenBy(item: Item, view: EventView): ExplainSeen | undefined {
  if (item.field === null) return undefined;
  const paths = view.paths(item.field);
  const found = readFirst(view.event, paths);
  const path = (found?.path ?? paths[0] ?? [item.field]).join('.');
  const values = found === undefined ? [] : scalars(found.value).slice(0, 10);
  return {
    path,
    absent: found === undefined,
    values: values.map((value) => (value === null ? null : String(value).slice(0, VALUE_LENGTH))),
  };
}

function findMatch(test: Test, item: Item, selection: string, view: EventView): ExplainMatch | undefined {
  const shared = { selection, field: item.field, modifiers: [...item.modifiers], pattern: test.text };
  if (item.field === null) {
    for (const path of view.keywords)
      for (const value of leaves(readPath(view.event, path)))
        if (matchesKeyword(test, value)) return { ...shared, path: path.join('.'), ...valueAndSpan(test, value, true) };
    return undefined;
  }
  const paths = view.paths(item.field);
  const found = readFirst(view.event, paths);
  if (found === undefined) return { ...shared, path: paths[0]?.join('.') ?? item.field, value: '' };
  const values = scalars(found.value);
  // Each value alone, so that the one that matched is shown; the path stays the field's.
  const value = values.find((one) => evaluateTest(test, item, aloneIn(view, item.field ?? '', one))) ?? values[0] ?? null;
  return { ...shared, path: found.path.join('.'), ...valueAndSpan(test, value === null ? '' : String(value), false) };
}

/** The same event, in which the field holds just this value. */
function aloneIn(view: EventView, field: string, value: unknown): EventView {
  const own = ['\0'];
  const event = { ...view.event, '\0': value };
  return { event, keywords: view.keywords, paths: (name) => (name === field ? [own] : view.paths(name)) };
}

function valueAndSpan(test: Test, whole: string, keyword: boolean): Pick<ExplainMatch, 'value' | 'span'> {
  const value = whole.slice(0, VALUE_LENGTH);
  const span = spanOf(test, value, keyword);
  return span === undefined ? { value } : { value, span };
}
