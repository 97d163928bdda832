/** Why a rule matches an event or does not: the condition's tree with the result of each part, and what matched where. */
import { fold, foldDashes } from './match/fold.ts';
import { ANY, type Condition, type Detection, type Item, type SigmaRule, type StringTest, type Test } from './model.ts';
import type { Pipelines } from './pipelines/model.ts';
import { readFirst, readPath, scalars, leaves } from './pipelines/paths.ts';
import { bind, fieldPaths, kindOf } from './pipelines/resolve.ts';
import { evaluateCondition, evaluateDetection, evaluateTest, type EventView, matchesKeyword, matchesValue } from './plain/evaluate.ts';
import { compileRegex } from './regex/compile.ts';

export interface ExplainNode {
  /** `and`, `or`, `not`, a selection's name, or a detection item's text. */
  label: string;
  result: boolean;
  children: ExplainNode[];
  match?: ExplainMatch;
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
export interface ExplainTree {
  conditions: ExplainNode[];
  /** What matched in the detections that made the rule match. */
  matches: ExplainMatch[];
}

/** Longest value shown. */
const VALUE_LENGTH = 65_536;

interface Walk {
  readonly rule: SigmaRule;
  readonly view: EventView;
}

/** Explains a rule on an event. When no pipeline lets the rule look at the event, the tree is empty. */
export function explain(rule: SigmaRule, event: object, { pipelines }: { readonly pipelines: Pipelines }): ExplainTree {
  const kind = kindOf(event, pipelines);
  const source = kind === undefined ? undefined : bind(rule.logsource, kind);
  if (kind === undefined || source === undefined) return { conditions: [], matches: [] };
  const view: EventView = { event, paths: (field) => fieldPaths(kind.shape, source, field), keywords: kind.shape.keywords };
  const conditions = rule.conditions.map((condition) => conditionNode(condition, { rule, view }));
  const matches: ExplainMatch[] = [];
  for (const condition of conditions) if (condition.result) collect(condition, matches);
  return { conditions, matches };
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

/** An item with its values: all that are joined with `all`, else those that matched; a list of thousands stays readable. */
function itemNode(item: Item, selection: string, walk: Walk): ExplainNode {
  const label = [item.field ?? 'keywords', ...item.modifiers].join('|');
  const result = evaluateDetection(item, walk.view);
  const tested = item.tests.map((test) => ({ test, holds: evaluateTest(test, item, walk.view) }));
  const shown = item.link === 'all' ? tested : tested.filter(({ holds }) => holds);
  const listed = shown.length > 0 ? shown : tested.slice(0, 1);
  const children = listed.slice(0, 100).map(({ test, holds }): ExplainNode => {
    const match = holds && !item.negated ? findMatch(test, item, selection, walk.view) : undefined;
    return { label: `${label}: ${test.text}`, result: holds, children: [], ...(match === undefined ? {} : { match }) };
  });
  const [only] = children;
  if (item.tests.length === 1 && only !== undefined && !item.negated) return only;
  return { label, result, children };
}

function findMatch(test: Test, item: Item, selection: string, view: EventView): ExplainMatch | undefined {
  const shared = { selection, field: item.field, modifiers: [...item.modifiers], pattern: test.text };
  if (item.field === null) {
    for (const path of view.keywords)
      for (const value of leaves(readPath(view.event, path)))
        if (matchesKeyword(test, value)) return { ...shared, path: path.join('.'), ...valueAndSpan(test, value, true) };
    return undefined;
  }
  const found = readFirst(view.event, view.paths(item.field));
  if (found === undefined) return { ...shared, path: view.paths(item.field)[0]?.join('.') ?? item.field, value: '' };
  const values = scalars(found.value);
  const path = found.path.join('.');
  const value = values.find((one) => matchesValue(test, one)) ?? values[0] ?? null;
  return { ...shared, path, ...valueAndSpan(test, value === null ? '' : String(value), false) };
}

function valueAndSpan(test: Test, whole: string, keyword: boolean): Pick<ExplainMatch, 'value' | 'span'> {
  const value = whole.slice(0, VALUE_LENGTH);
  const span =
    test.kind === 'regex'
      ? compileRegex(test.pattern, test.flags).find(value)
      : test.kind === 'string'
        ? stringSpan(test, value, keyword)
        : undefined;
  return span === undefined ? { value } : { value, span };
}

/** Where the pattern without its outer wildcards stands; from its first literal to its last where it has inner ones. */
function stringSpan(test: StringTest, value: string, keyword: boolean): [number, number] | undefined {
  const prepare = (text: string): string => {
    const dashed = test.dashes ? foldDashes(text) : text;
    return test.cased ? dashed : fold(dashed);
  };
  const text = prepare(value);
  const literals = test.parts.filter((part) => typeof part === 'string').map(prepare);
  const [first] = literals;
  if (first === undefined) return undefined;
  const open = keyword || test.parts[0] === ANY;
  const simple = test.parts.every((part) => typeof part === 'string' || part === ANY);
  if (!simple) return [0, value.length];
  const closed = !keyword && test.parts.at(-1) !== ANY;
  const start = !open ? 0 : closed && literals.length === 1 ? text.length - first.length : text.indexOf(first);
  if (start < 0) return undefined;
  let end = start + first.length;
  for (const literal of literals.slice(1)) end = Math.max(end, text.indexOf(literal, end) + literal.length);
  return [start, closed ? value.length : end];
}
