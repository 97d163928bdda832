/** Who writes events may combine the fields that log sources are known by as they like: the index keeps its bounds, and its answers. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { compileRules, loadPipelines } from '../index.ts';
import { plainMatch } from '../plain/index.ts';
import { onlyRule } from './support.ts';

const SOURCES = 14;
const names = Array.from({ length: SOURCES }, (_, index) => `f${index}`);
/** A log source for each field that an event may have, each with a name of its own for the field `Target`. */
const pipelines = loadPipelines([
  `shapes: [{name: any, requires: [], roots: [''], keywords: ['']}]
logsources:
${names.map((name, index) => `  - {is: {product: p${index % 7}, service: s${index}}, when: {${name}: '*'}, fields: {Target: t${index}}}`).join('\n')}`,
]);
const rules = Array.from({ length: 140 }, (_, index) =>
  onlyRule(`title: T
id: r${index}
logsource: {product: p${index % 7}${index % 3 === 0 ? '' : `, service: s${index % SOURCES}`}}
detection:
    s: {Target|contains: 'x${index % 9}'}
    condition: ${index % 5 === 0 ? 'not s' : 's'}`),
);

/** The event of a kind: the bits say which fields it has. */
function eventOf(bits: number): object {
  const event: Record<string, unknown> = { Target: `x${bits % 11}` };
  for (const [index, name] of names.entries()) if ((bits >> index) & 1) event[name] = event[`t${index}`] = `x${(bits + index) % 10}`;
  return event;
}

describe('events of sixteen thousand kinds', () => {
  it('match as the plain evaluator says, also beyond the kinds that get a bucket', () => {
    const set = compileRules(rules, { pipelines });
    for (let bits = 0; bits < 2 ** SOURCES; bits += 7) {
      const event = eventOf(bits);
      const found = set.match(event).map(({ rule }) => rule.id);
      if (bits % 3 === 0) expect([bits, found]).toEqual([bits, plainMatch(event, rules, pipelines).map(({ id }) => id)]);
    }
  });
  it('do not make the index grow without end', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const used = (): number => {
      collect();
      return process.memoryUsage().heapUsed / 2 ** 20;
    };
    const set = compileRules(rules, { pipelines });
    for (let bits = 0; bits < 1_000; bits++) set.match(eventOf(bits));
    const before = used();
    for (let bits = 1_000; bits < 2 ** SOURCES; bits++) set.match(eventOf(bits));
    // A bucket for each kind would take more than 400 MB here.
    expect(used() - before).toBeLessThan(20);
  });
  it('of which one makes a rule throw switch off that rule only where it looks at the event', () => {
    const faults: string[] = [];
    const hostile = onlyRule(`title: H
id: hostile
logsource: {product: p1, service: s1}
detection:
    s: {Target|re: '(x{1,200}y{1,200}){1,20}z'}
    condition: s`);
    const set = compileRules([...rules, hostile], { pipelines, onFault: (id) => faults.push(id) });
    for (let bits = 0; bits < 6_000; bits++) set.match(eventOf(bits));
    const text = Array.from({ length: 4_000 }, (_, index) => 'x'.repeat(index % 150) + 'y'.repeat((index * 7) % 130)).join('') + 'z!';
    const kind = { ...eventOf(0b11111111111101), t0: text, Target: text };
    set.match(kind);
    expect(faults).toEqual([]);
    const last = { ...eventOf(0b11111111111111), t1: text };
    expect(set.match(last).map(({ rule }) => rule.id)).toEqual(plainMatch(last, rules, pipelines).map(({ id }) => id));
    expect(faults).toEqual(['hostile']);
  });
});
