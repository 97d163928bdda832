/** A rule as one tree of and, or, not over single tests: detections are put in the places of their names. */
import { fold, foldDashes } from '../match/fold.ts';
import {
  ANY,
  type Condition,
  type DatePart,
  type Detection,
  type Item,
  type Part,
  type SigmaRule,
  type StringTest,
  type Test,
} from '../model.ts';
import { EVERYWHERE, frequencyOf } from '../match/frequency.ts';
import { compileRegex, type SafeRegex } from '../regex/compile.ts';
import type { RuleLogic } from '../plain/evaluate.ts';

export type LogicNode =
  | { readonly kind: 'and'; readonly children: readonly LogicNode[] }
  | { readonly kind: 'or'; readonly children: readonly LogicNode[] }
  | { readonly kind: 'not'; readonly child: LogicNode }
  /** At least `count` of the children. */
  | { readonly kind: 'count'; readonly count: number; readonly children: readonly LogicNode[] }
  | { readonly kind: 'leaf'; readonly field: string | null; readonly test: TestPlan; readonly datePart: DatePart | undefined };

/** How a string test looks at a text; `glob` is any other arrangement of wildcards. */
export type Form = 'equals' | 'starts' | 'ends' | 'contains' | 'glob' | 'regex' | 'other';

/** A test with what the index needs of it. Equal tests are one plan. */
export interface TestPlan {
  readonly id: number;
  readonly test: Test;
  readonly form: Form;
  /** Folded as the test asks; for `equals`, `starts`, `ends`, `contains`. */
  readonly literal: string;
  /** Folded texts of which one must be in a value that passes; undefined where nothing must be. */
  readonly needles: readonly string[] | undefined;
  readonly regex: SafeRegex | undefined;
  /** Guess of how often it passes, and what finding out costs. */
  readonly cost: number;
}

/** Makes plans, one for equal tests. */
export class Planner {
  private readonly plans = new Map<string, TestPlan>();

  /** The rule's tree: true when any of its conditions holds. */
  rule(rule: SigmaRule): LogicNode {
    const named = new Map<string, LogicNode>();
    const parts = rule.conditions.map((condition) => this.condition(condition, rule, named));
    return joined('or', parts);
  }

  private condition(condition: Condition, rule: RuleLogic, named: Map<string, LogicNode>): LogicNode {
    if (condition.kind === 'and' || condition.kind === 'or')
      return joined(
        condition.kind,
        condition.children.map((child) => this.condition(child, rule, named)),
      );
    if (condition.kind === 'not') return { kind: 'not', child: this.condition(condition.child, rule, named) };
    if (condition.kind === 'selection') return this.named(condition.name, rule, named);
    const children = condition.names.map((name) => this.named(name, rule, named));
    if (condition.count === 'all') return joined('and', children);
    return condition.count === 1 ? joined('or', children) : { kind: 'count', count: condition.count, children };
  }

  private named(name: string, rule: RuleLogic, known: Map<string, LogicNode>): LogicNode {
    const before = known.get(name);
    if (before !== undefined) return before;
    const detection = rule.detections.find((one) => one.name === name)?.detection;
    const node: LogicNode = detection === undefined ? { kind: 'or', children: [] } : this.detection(detection);
    known.set(name, node);
    return node;
  }

  private detection(detection: Detection): LogicNode {
    return detection.kind === 'item'
      ? this.item(detection)
      : joined(
          detection.kind,
          detection.children.map((child) => this.detection(child)),
        );
  }

  private item(item: Item): LogicNode {
    const leaves = item.tests.map((test): LogicNode => {
      const plan = this.plan(item.field === null && test.kind === 'string' ? anywhere(test) : test);
      return { kind: 'leaf', field: item.field, test: plan, datePart: item.datePart };
    });
    const node = joined(item.link === 'all' ? 'and' : 'or', leaves);
    return item.negated ? { kind: 'not', child: node } : node;
  }

  private plan(test: Test): TestPlan {
    const key = keyOf(test);
    const known = this.plans.get(key);
    if (known !== undefined) return known;
    const shape = shapeOf(test);
    const plan: TestPlan = { id: this.plans.size, test, ...shape, cost: costOf(test, shape) };
    this.plans.set(key, plan);
    return plan;
  }
}

function joined(kind: 'and' | 'or', children: readonly LogicNode[]): LogicNode {
  const [only] = children;
  return children.length === 1 && only !== undefined ? only : { kind, children };
}

/** A keyword is looked for anywhere in each value of the event. */
function anywhere(test: StringTest): StringTest {
  const parts: Part[] = [...(test.parts[0] === ANY ? [] : [ANY]), ...test.parts];
  if (parts.at(-1) !== ANY) parts.push(ANY);
  return { ...test, parts };
}

function keyOf(test: Test): string {
  if (test.kind !== 'string') return JSON.stringify({ ...test, text: '' });
  return `${test.cased ? 'c' : ''}${test.dashes ? 'd' : ''}:${JSON.stringify(test.parts)}`;
}

function shapeOf(test: Test): Pick<TestPlan, 'form' | 'literal' | 'needles' | 'regex'> {
  if (test.kind === 'regex') {
    const regex = compileRegex(test.pattern, test.flags);
    return { form: 'regex', literal: '', needles: regex.literals, regex };
  }
  if (test.kind !== 'string') return { form: 'other', literal: '', needles: undefined, regex: undefined };
  const literals = test.parts.filter((part) => typeof part === 'string').map((part) => prepareLiteral(test, part));
  const rarest = literals.map(fold).reduce((best, one) => (best === '' || frequencyOf(one) < frequencyOf(best) ? one : best), '');
  const needles = rarest === '' ? undefined : [rarest];
  return { form: formOf(test.parts), literal: literals[0] ?? '', needles, regex: undefined };
}

/** A literal as it is compared with the prepared text. */
export function prepareLiteral(test: StringTest, literal: string): string {
  const dashed = test.dashes ? foldDashes(literal) : literal;
  return test.cased ? dashed : fold(dashed);
}

function formOf(parts: readonly Part[]): Form {
  const [first, second, third] = parts;
  if (parts.length === 0) return 'equals';
  if (parts.length === 1) return typeof first === 'string' ? 'equals' : 'glob';
  if (parts.length === 2 && typeof first === 'string' && second === ANY) return 'starts';
  if (parts.length === 2 && first === ANY && typeof second === 'string') return 'ends';
  return parts.length === 3 && first === ANY && typeof second === 'string' && third === ANY ? 'contains' : 'glob';
}

/** A witness that passes often is dear, and one that must be run on every event is dearer than one the scan finds. */
function costOf(test: Test, { form, literal, needles }: Pick<TestPlan, 'form' | 'literal' | 'needles'>): number {
  if (form === 'equals' && literal !== '') return frequencyOf(literal) * (frequencyOf(literal) < EVERYWHERE ? 0.2 : 1);
  if (needles !== undefined) {
    const frequency = needles.reduce((sum, needle) => sum + frequencyOf(needle), 0);
    return frequency * (form === 'starts' || form === 'ends' ? 0.5 : 1);
  }
  if (form === 'equals') return 0.3;
  return test.kind === 'null' ? 2 : 1;
}
