/**
 * The plain evaluator: the specification word by word, rule by rule. It is the oracle the indexed evaluator is held to, and what
 * `explain` walks; it is not fast.
 */
import { ANY, type Condition, type Detection, type Item, type StringTest, type Test } from '../model.ts';
import { datePart, compares, inCidr } from '../match/value.ts';
import { type Path, readFirst, readPath, type ScalarValue, scalars, leaves } from '../pipelines/paths.ts';
import { compileRegex } from '../regex/compile.ts';
import { matchesString } from './string.ts';

/** An event as a rule sees it. */
export interface EventView {
  readonly event: object;
  /** Places of a field, first that has a value counts. */
  readonly paths: (field: string) => readonly Path[];
  readonly keywords: readonly Path[];
}

export interface RuleLogic {
  readonly detections: readonly { readonly name: string; readonly detection: Detection }[];
  readonly conditions: readonly Condition[];
}

/** True when any condition of the rule holds. Throws `SIGMA_REGEX_BUDGET` as the expressions do. */
export function evaluateRule(rule: RuleLogic, view: EventView): boolean {
  return rule.conditions.some((condition) => evaluateCondition(condition, rule, view));
}

export function evaluateCondition(condition: Condition, rule: RuleLogic, view: EventView): boolean {
  if (condition.kind === 'and') return condition.children.every((child) => evaluateCondition(child, rule, view));
  if (condition.kind === 'or') return condition.children.some((child) => evaluateCondition(child, rule, view));
  if (condition.kind === 'not') return !evaluateCondition(condition.child, rule, view);
  if (condition.kind === 'selection') return evaluateNamed(condition.name, rule, view);
  const hits = condition.names.filter((name) => evaluateNamed(name, rule, view)).length;
  return hits >= (condition.count === 'all' ? condition.names.length : condition.count);
}

export function evaluateNamed(name: string, rule: RuleLogic, view: EventView): boolean {
  const found = rule.detections.find((detection) => detection.name === name);
  return found !== undefined && evaluateDetection(found.detection, view);
}

export function evaluateDetection(detection: Detection, view: EventView): boolean {
  if (detection.kind === 'and') return detection.children.every((child) => evaluateDetection(child, view));
  if (detection.kind === 'or') return detection.children.some((child) => evaluateDetection(child, view));
  return evaluateItem(detection, view);
}

export function evaluateItem(item: Item, view: EventView): boolean {
  const holds = (test: Test): boolean => evaluateTest(test, item, view);
  const result = item.link === 'all' ? item.tests.every(holds) : item.tests.some(holds);
  return item.negated ? !result : result;
}

/** One value of an item against the field's value, or against every value of the event for keywords. */
export function evaluateTest(test: Test, item: Pick<Item, 'field' | 'datePart'>, view: EventView): boolean {
  if (item.field === null)
    return view.keywords.some((path) => leaves(readPath(view.event, path)).some((text) => matchesKeyword(test, text)));
  const found = readFirst(view.event, view.paths(item.field))?.value;
  if (test.kind === 'exists') return (found !== undefined) === test.expected;
  const values = scalars(found).flatMap((value) => (item.datePart === undefined ? [value] : [datePart(value, item.datePart) ?? null]));
  if (test.kind === 'null') return values.length === 0 || values.includes(null);
  if (test.kind === 'fieldref') return matchesReference(test, values, view);
  return values.some((value) => matchesValue(test, value));
}

export function matchesValue(test: Test, value: ScalarValue): boolean {
  if (value === null) return false;
  if (test.kind === 'string') return matchesString(test, String(value));
  if (test.kind === 'regex') return compileRegex(test.pattern, test.flags).test(String(value));
  if (test.kind === 'cidr') return inCidr(test, value);
  return test.kind === 'compare' && compares(test, value);
}

/** A keyword is looked for anywhere in the text. */
export function matchesKeyword(test: Test, text: string): boolean {
  if (test.kind !== 'string') return matchesValue(test, text);
  return matchesString({ ...test, parts: [ANY, ...test.parts, ANY] }, text);
}

/** Any value of this field against any value of the other, as texts. Absent or null on either side never matches. */
function matchesReference(test: Test & { kind: 'fieldref' }, values: readonly ScalarValue[], view: EventView): boolean {
  const others = scalars(readFirst(view.event, view.paths(test.field))?.value);
  const pattern = (text: string): StringTest => {
    const { position, cased } = test;
    const head = position === 'endswith' || position === 'contains' ? [ANY] : [];
    const tail = position === 'startswith' || position === 'contains' ? [ANY] : [];
    return { kind: 'string', text, parts: [...head, ...(text === '' ? [] : [text]), ...tail], cased, dashes: false };
  };
  return values.some(
    (value) => value !== null && others.some((other) => other !== null && matchesString(pattern(String(other)), String(value))),
  );
}
