/** The order in which events arrive changes no match, where more events can only make the condition hold of more windows. */
import { array, assert, constantFrom, integer, property, record, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CorrelationEvent } from '../../index.ts';
import { at, compiled, PartStore, pushAll, type Written } from './support.ts';

const LIMITS = { latenessMs: 600_000, periodMs: 20_000 };
const kinds: readonly Written[] = [
  { type: 'event_count', rules: ['a', 'b'], groupBy: ['User'], timespan: '10s', condition: { gte: 3 } },
  { type: 'value_count', rules: ['a', 'b'], groupBy: ['User'], timespan: '30s', condition: { field: 'Host', gt: 1 } },
  { type: 'temporal', rules: ['a', 'b'], groupBy: ['User'], timespan: '5s' },
  { type: 'temporal_ordered', rules: ['a', 'b', 'c'], groupBy: [], timespan: '1m' },
];
/** Events of one host come in the order in which they happened. */
const hosts = array(
  array(record({ rule: constantFrom('a', 'b', 'c'), step: integer({ min: 0, max: 9 }), User: constantFrom('ann', 'bob') }), {
    maxLength: 12,
  }),
  { minLength: 2, maxLength: 4 },
).map((all) =>
  all.map((events, host) => {
    let second = 1000;
    return events.map(({ rule, step, User }, n) => at((second += step), rule, { User, Host: `h${host}` }, `${host} ${n}`));
  }),
);

/** Takes from the queues in the order the choices say, then what is left. */
function interleaved(queues: readonly (readonly CorrelationEvent[])[], choices: readonly number[]): CorrelationEvent[] {
  const left = queues.map((queue) => [...queue]);
  const taken = choices.flatMap((choice) => left[choice % left.length]?.shift() ?? []);
  return [...taken, ...left.flat()];
}

/** What is known of each match once everything has arrived. */
function matchesOf(written: Written, events: readonly CorrelationEvent[]) {
  const matches = new Map<string, { events: Set<string>; rest: unknown }>();
  for (const match of pushAll(compiled([written], { limits: LIMITS }), events)) {
    const { id, from, to, counts, result, group } = match;
    const known = matches.get(id)?.events ?? new Set<string>();
    for (const event of match.events) known.add(event.id);
    const values = group.map(({ value }) => value);
    matches.set(id, { events: known, rest: { from, to, counts: counts.map(({ count }) => count), result, values } });
  }
  return [...matches]
    .map(([id, { events: joined, rest }]) => ({ id, events: [...joined].toSorted(), rest }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

describe('the matches of the same events', () => {
  it('are the same in any interleaving of their hosts: ids, events, counts, times and results', () => {
    const orders = array(integer({ min: 0, max: 3 }), { maxLength: 48 });
    let found = 0;
    assert(
      property(constantFrom(...kinds), hosts, tuple(orders, orders), (written, queues, [one, other]) => {
        const first = matchesOf(written, interleaved(queues, one));
        expect(matchesOf(written, interleaved(queues, other))).toEqual(first);
        found += first.length;
      }),
      { numRuns: 300, endOnFailure: true },
    );
    expect(found).toBeGreaterThan(100);
  });
  it('are what they are in the order of time, also when the state was stored and taken back in between', () => {
    const [written = kinds[0]!] = kinds;
    const events = Array.from({ length: 40 }, (_, n) => at(1000 + n, 'a', { User: 'ann', Host: `h${n % 3}` }, `e${n}`));
    const ids = (order: readonly CorrelationEvent[], restartAt: number): string[] => {
      const store = new PartStore();
      let set = compiled([written], { limits: LIMITS });
      const all = order.flatMap((event, n) => {
        if (n === restartAt) {
          store.apply(set.correlator.changes());
          set = compiled([written], { limits: LIMITS });
          set.correlator.restore(store.all());
        }
        return set.correlator.push(event);
      });
      expect(all.filter(({ isNew }) => isNew).length).toBe(new Set(all.map(({ id }) => id)).size);
      return [...new Set(all.map(({ id }) => id))].toSorted();
    };
    expect(ids(events.toReversed(), 17)).toEqual(ids(events, -1));
  });
});
