/** Conditions of a processing item, joined with an operator or an expression (`*_cond_op`, `*_cond_expr`, `*_cond_not`). */
import { SigmaError, type Place } from '../errors.ts';
import type { Condition } from '../model.ts';
import { parseCondition } from '../parse/condition.ts';
import type { YamlNode } from '../parse/yaml.ts';
import { Params, refuse } from './params.ts';

/** True when the conditions hold, each asked with `ask`. Without conditions everything holds. */
export type Group<Asked> = (ask: (condition: Asked) => boolean) => boolean;

const MAX_CONDITIONS = 200;

export type Readers<Asked> = ReadonlyMap<string, (params: Params) => Asked>;

/** Reads `<prefix>_conditions` and what joins them. */
export function readGroup<Asked>(params: Params, prefix: string, readers: Readers<Asked>): Group<Asked> {
  const node = params.node(`${prefix}_conditions`);
  const operator = readOperator(params, `${prefix}_cond_op`);
  const expression = params.node(`${prefix}_cond_expr`);
  const negated = params.flag(`${prefix}_cond_not`);
  const conditions = readConditions(node, prefix, readers);
  if (expression !== undefined && operator !== undefined)
    refuse(`"${prefix}_cond_expr" and "${prefix}_cond_op" exclude each other`, expression.place);
  const holds = expression === undefined ? joined([...conditions.values()], operator ?? 'and') : byExpression(expression, node, conditions);
  return (ask) => conditions.size === 0 || holds(ask) !== negated;
}

/** Published pipelines also write `any` and `all`, which pySigma takes for nothing said. */
function readOperator(params: Params, key: string): 'and' | 'or' | undefined {
  if (params.node(key) === undefined) return undefined;
  const word = params.oneOf(key, ['and', 'or', 'all', 'any']);
  return word === 'and' || word === 'all' ? 'and' : 'or';
}

function readConditions<Asked>(node: YamlNode | undefined, prefix: string, readers: Readers<Asked>): Map<string, Asked> {
  if (node === undefined) return new Map();
  if (node.kind === 'scalar') return refuse(`"${prefix}_conditions" is neither a list nor a map`, node.place);
  const named: [string, YamlNode][] =
    node.kind === 'map'
      ? node.entries.map((entry) => [entry.key, entry.value])
      : node.items.map((item, index) => [String(index + 1), item]);
  if (named.length > MAX_CONDITIONS) refuse(`more than ${MAX_CONDITIONS} conditions`, node.place);
  return new Map(named.map(([name, condition]) => [name, readOne(condition, `the condition ${name}`, readers)]));
}

function readOne<Asked>(node: YamlNode, what: string, readers: Readers<Asked>): Asked {
  const params = new Params(node, what);
  const type = params.text('type');
  const reader = readers.get(type) ?? refuse(`the condition type "${type}" is not known here`, params.node('type')?.place ?? params.place);
  const condition = reader(params);
  params.done();
  return condition;
}

function joined<Asked>(conditions: readonly Asked[], operator: 'and' | 'or'): Group<Asked> {
  return (ask) => (operator === 'and' ? conditions.every(ask) : conditions.some(ask));
}

function byExpression<Asked>(expression: YamlNode, node: YamlNode | undefined, conditions: ReadonlyMap<string, Asked>): Group<Asked> {
  if (expression.kind !== 'scalar' || typeof expression.value !== 'string') return refuse('an expression is not a text', expression.place);
  if (node?.kind !== 'map') return refuse('an expression needs conditions with names', expression.place);
  const tree = readExpression(expression.value, [...conditions.keys()], expression.place);
  const used = new Set(namesIn(tree));
  const idle = [...conditions.keys()].find((name) => !used.has(name));
  if (idle !== undefined) refuse(`the expression does not name the condition "${idle}"`, expression.place);
  const evaluate = (condition: Condition, ask: (asked: Asked) => boolean): boolean => {
    if (condition.kind === 'and') return condition.children.every((child) => evaluate(child, ask));
    if (condition.kind === 'or') return condition.children.some((child) => evaluate(child, ask));
    if (condition.kind === 'not') return !evaluate(condition.child, ask);
    const names = condition.kind === 'selection' ? [condition.name] : condition.names;
    const hits = names.filter((name) => {
      const asked = conditions.get(name);
      return asked !== undefined && ask(asked);
    }).length;
    return hits >= (condition.kind === 'selection' ? 1 : condition.count === 'all' ? names.length : condition.count);
  };
  return (ask) => evaluate(tree, ask);
}

/** The grammar is that of a rule's condition; its names are conditions here. */
function readExpression(text: string, names: readonly string[], place: Place): Condition {
  try {
    return parseCondition(text, names, place);
  } catch (error) {
    if (!(error instanceof SigmaError)) throw error;
    const reason = String(error.details['reason']).replaceAll('detection', 'condition');
    return refuse(`the expression cannot be read: ${reason}`, error.place ?? place);
  }
}

function namesIn(condition: Condition): readonly string[] {
  if (condition.kind === 'selection') return [condition.name];
  if (condition.kind === 'of') return condition.names;
  return condition.kind === 'not' ? namesIn(condition.child) : condition.children.flatMap(namesIn);
}
