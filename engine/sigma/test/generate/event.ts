/** Events made from a rule: all its fields filled so that most of its tests pass, a few of them spoilt. */
import type { Detection, Item, SigmaRule } from '../../model.ts';
import type { Random } from './random.ts';
import { nearMiss, passing } from './value.ts';

/** An event with the fields of these rules. `spoilt` is how many per cent of the values are made a little wrong. */
export function eventFor(rules: readonly SigmaRule[], random: Random, spoilt = 12): Record<string, unknown> {
  const event: Record<string, unknown> = {};
  for (const rule of rules)
    for (const { name, detection } of rule.detections) {
      // What a rule excludes is left out more often than not, so that the rest of it decides.
      const excluded = /^(filter|exclu|falsepositive)/i.test(name);
      if (!excluded || random.chance(25)) fillIn(event, detection, { random, spoilt });
    }
  return event;
}

interface Way {
  readonly random: Random;
  readonly spoilt: number;
}

function fillIn(event: Record<string, unknown>, detection: Detection, way: Way): void {
  if (detection.kind === 'item') fillItem(event, detection, way);
  else if (detection.kind === 'and') for (const child of detection.children) fillIn(event, child, way);
  else fillIn(event, way.random.pick(detection.children), way);
}

function fillItem(event: Record<string, unknown>, item: Item, { random, spoilt }: Way): void {
  if (random.chance(spoilt / 4)) return;
  const tests = item.link === 'all' ? item.tests : [random.pick(item.tests)];
  const texts = tests.map((test) => {
    if (test.kind === 'fieldref') put(event, test.field, random.pick(['Same', 'same value', 'x', 7]), random);
    if (test.kind === 'fieldref') return random.pick(['same', 'the same value', 'x', '7']);
    if (item.datePart !== undefined)
      return `2026-${String(1 + random.below(12)).padStart(2, '0')}-2${random.below(10)}T0${random.below(10)}:${10 + random.below(50)}:00Z`;
    return passing(test, random);
  });
  let value: unknown = tests.length === 1 ? texts[0] : texts.map(String).join(random.pick(['', ' ', '\\']));
  if (typeof value === 'string' && item.tests.some((test) => test.kind === 'string' && test.text === value) && random.chance(30))
    value = toScalar(value);
  if (random.chance(spoilt)) value = nearMiss(value, random);
  put(event, item.field ?? random.pick(['Message', 'Data', 'Nested.Deep.Text']), value, random);
}

/** Numbers and truth values as what they say. */
function toScalar(text: string): unknown {
  if (/^-?(0|[1-9]\d{0,14})$/.test(text)) return Number(text);
  return text === 'true' || text === 'false' ? text === 'true' : text;
}

/** A name with dots is a path of keys, sometimes one key; what stands there already is kept now and then. */
function put(event: Record<string, unknown>, name: string, value: unknown, random: Random): void {
  const keys = name.includes('.') && random.chance(80) ? name.split('.') : [name];
  let at = event;
  for (const key of keys.slice(0, -1)) {
    const inner: unknown = Object.hasOwn(at, key) ? at[key] : undefined;
    const next = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as Record<string, unknown>) : {};
    if (next !== inner) define(at, key, random.chance(8) ? [next] : next);
    at = next;
  }
  const last = keys.at(-1) ?? name;
  if (!Object.hasOwn(at, last) || random.chance(70)) define(at, last, value);
}

/** An own member, whatever its name, as `JSON.parse` makes it. */
function define(record: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
}
