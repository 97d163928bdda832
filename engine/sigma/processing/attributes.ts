/** `rule_attribute` and `processing_state`: comparisons with what a rule or the pipeline's state holds. */
import { SigmaError } from '../errors.ts';
import { LEVELS, STATUSES } from '../model.ts';
import type { Scalar } from '../parse/yaml.ts';
import type { Draft } from './draft.ts';

export const COMPARISONS = ['eq', 'ne', 'gte', 'gt', 'lte', 'lt'] as const;
type Comparison = (typeof COMPARISONS)[number];

/** Values of different kinds are unequal, and neither is greater. */
export function compareValues(found: Scalar, given: Scalar, comparison: Comparison): boolean {
  if (comparison === 'eq') return found === given;
  if (comparison === 'ne') return found !== given;
  if (typeof found === 'number' && typeof given === 'number') return ordered(found - given, comparison);
  if (typeof found === 'string' && typeof given === 'string') return ordered(found < given ? -1 : found > given ? 1 : 0, comparison);
  return false;
}

function ordered(difference: number, comparison: Comparison): boolean {
  if (comparison === 'eq') return difference === 0;
  if (comparison === 'ne') return difference !== 0;
  if (comparison === 'gte') return difference >= 0;
  if (comparison === 'gt') return difference > 0;
  return comparison === 'lte' ? difference <= 0 : difference < 0;
}

interface Asked {
  readonly attribute: string;
  readonly value: Scalar;
  readonly comparison: Comparison | 'in' | 'not_in';
}

/** False where the rule has no such attribute. Throws `SIGMA_TRANSFORMATION` for a comparison that the attribute does not allow. */
export function compareAttribute(draft: Draft, { attribute, value, comparison }: Asked): boolean {
  const bad = (reason: string): SigmaError => new SigmaError('SIGMA_TRANSFORMATION', { item: `rule_attribute ${attribute}`, reason });
  const found = attributeOf(draft, attribute);
  if (found === undefined || found === null) return false;
  if (typeof found === 'object') {
    const contains = found.some((each) => String(each) === String(value));
    return comparison === 'in' ? contains : comparison === 'not_in' ? !contains : comparison === 'ne';
  }
  if (comparison === 'in' || comparison === 'not_in') throw bad(`"${comparison}" is for lists`);
  if (typeof found === 'number') {
    const number = Number(value);
    if (!Number.isFinite(number)) throw bad(`"${String(value)}" is no number`);
    return ordered(found - number, comparison);
  }
  const order = attribute === 'level' ? LEVELS : attribute === 'status' ? STATUSES.toReversed() : undefined;
  if (order !== undefined) return ordered(order.findIndex((word) => word === found) - placeIn(order, value, bad), comparison);
  if (attribute === 'date' || attribute === 'modified') {
    const [own, given] = [String(found), String(value)].map((date) => date.replaceAll('/', '-'));
    if (own === undefined || given === undefined || !/^\d{4}-\d\d-\d\d$/.test(given)) throw bad(`"${String(value)}" is no date`);
    return compareValues(own, given, comparison);
  }
  if (comparison !== 'eq' && comparison !== 'ne') throw bad(`"${comparison}" is not for texts`);
  return (String(found) === String(value)) === (comparison === 'eq');
}

function placeIn(order: readonly string[], value: Scalar, bad: (reason: string) => SigmaError): number {
  const place = order.indexOf(String(value).toLowerCase());
  if (place < 0) throw bad(`"${String(value)}" is none of ${order.join(', ')}`);
  return place;
}

function attributeOf({ rule, attributes }: Draft, name: string): Scalar | readonly Scalar[] | undefined {
  const { id, title, taxonomy, status, level, description, license, author, date, modified } = rule;
  const { references, tags, fields, falsepositives, scope } = rule;
  const known = new Map<string, Scalar | readonly Scalar[] | undefined>(
    Object.entries({ id, title, name: rule.name, taxonomy, status, level, description, license, author, date, modified }),
  );
  for (const [key, list] of Object.entries({ references, tags, fields, falsepositives, scope })) known.set(key, list);
  return known.get(name) ?? attributes.get(name);
}
