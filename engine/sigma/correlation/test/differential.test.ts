/** The streaming correlator against the plain one, on random correlations and streams, also across being stored and taken back. */
import { type Arbitrary, array, assert, constantFrom, integer, oneof, option, property, record, tuple, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CorrelationEvent, CorrelationMatch } from '../../index.ts';
import { Oracle, type OracleMatch } from './oracle.ts';
import { compiled, correlationsOf, PartStore, type Written } from './support.ts';

const LIMITS = { latenessMs: 4_000, periodMs: 7_000 };
const ruleIds = uniqueArray(constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 });
const groupBys: Arbitrary<readonly string[]> = constantFrom([], ['User'], ['User', 'Host'], ['ip']);
const criterion = (limit: Arbitrary<number>): Arbitrary<object> =>
  oneof(
    tuple(constantFrom('gte', 'gte', 'gt', 'eq', 'neq', 'lt', 'lte'), limit).map(([operator, value]) => ({ [operator]: value })),
    tuple(limit, integer({ min: 0, max: 4 })).map(([value, more]) => ({ gte: value, lte: value + more })),
  );
const halves = integer({ min: -6, max: 12 }).map((n) => n / 2);
const count = integer({ min: 0, max: 5 });

const condition = {
  event_count: criterion(count),
  value_count: tuple(criterion(count), constantFrom('v', ['v', 'Host'])).map(([limit, field]) => ({ ...limit, field })),
  value_sum: criterion(halves).map((limit) => ({ ...limit, field: 'n' })),
  value_avg: criterion(halves).map((limit) => ({ ...limit, field: 'n' })),
  value_percentile: oneof(
    tuple(criterion(halves), constantFrom(0, 25, 50, 95, 100)).map(([limit, percentile]) => ({ ...limit, field: 'n', percentile })),
    criterion(integer({ min: 5, max: 60 })).map((limit) => ({ ...limit, field: 'v' })),
  ),
  temporal: option(criterion(count), { nil: undefined }),
  temporal_ordered: option(criterion(count), { nil: undefined }),
};
const single: Arbitrary<Written> = tuple(
  constantFrom(...(Object.keys(condition) as (keyof typeof condition)[])).chain((type) =>
    (condition[type] as Arbitrary<unknown>).map((each) => ({ type, ...(each === undefined ? {} : { condition: each }) })),
  ),
  ruleIds,
  groupBys,
  constantFrom('1s', '5s', '10s', '1m'),
).map(([section, rules, groupBy, timespan]) => ({
  ...section,
  rules,
  groupBy,
  timespan,
  id: 'inner',
  ...(groupBy.includes('ip') ? { aliases: { ip: Object.fromEntries(rules.map((rule) => [rule, rule === 'a' ? 'src' : 'dst'])) } } : {}),
}));
const inWords: Arbitrary<Written> = tuple(
  constantFrom('a and (b or c)', 'a and not b', '2 of them', 'all of them', 'not a'),
  groupBys.filter((fields) => !fields.includes('ip')),
).map(([expression, groupBy]) => ({ id: 'inner', type: 'temporal', rules: ['a', 'b', 'c'], groupBy, condition: expression }));
const chain: Arbitrary<Written[]> = tuple(
  single.filter(({ groupBy }) => !groupBy?.includes('ip')),
  constantFrom('temporal', 'temporal_ordered', 'event_count', 'value_count'),
  groupBys.filter((fields) => !fields.includes('ip')),
  integer({ min: 1, max: 2 }),
).map(([inner, type, groupBy, limit]) => [
  inner,
  {
    id: 'outer',
    type,
    rules: ['inner', 'c'],
    groupBy,
    timespan: '10s',
    condition: type === 'value_count' ? { field: 'Host', gte: limit } : { gte: limit },
  },
]);

const fields = record(
  {
    User: oneof(constantFrom('ann', 'Ann', 'bob'), constantFrom(['ann', 'bob'], ['bob'])),
    Host: constantFrom('h1', 'h2'),
    src: constantFrom('10.0.0.1', '10.0.0.2'),
    dst: constantFrom('10.0.0.1', '10.0.0.2'),
    n: oneof(halves, halves.map(String), constantFrom('none', [1, 2.5])),
    v: constantFrom('x', 'X', 'y', 'z', 'w'),
  },
  { requiredKeys: ['Host', 'src', 'dst'] },
);
/** Events in rough order: each a step after the one before, moved back by its delay. */
const streams = (maxLength: number): Arbitrary<CorrelationEvent[]> =>
  array(
    record({
      rule: constantFrom('a', 'b', 'c'),
      step: constantFrom(0, 0, 300, 1_000, 1_000, 6_000, 40_000),
      delay: constantFrom(0, 0, 0, 500, 3_000, 9_000),
      fields,
    }),
    { maxLength },
  ).map((all) => {
    let clock = 1_000_000;
    return all.map(({ rule, step, delay, fields: given }, index) => {
      clock += step;
      return {
        rule,
        id: index % 7 === 0 ? `a long id of an event, number ${index}` : `e${index}`,
        time: clock - delay,
        received: clock,
        partition: 'p',
        fields: given,
      };
    });
  });

/** A dense stream of one group, so that windows hold hundreds of events. */
const dense: Arbitrary<CorrelationEvent[]> = array(
  record({
    rule: constantFrom('a', 'a', 'a', 'b', 'c'),
    step: constantFrom(0, 1, 50, 100),
    delay: constantFrom(0, 0, 0, 0, 0, 0, 60, 400),
    n: halves,
    v: integer({ min: 0, max: 40 }),
  }),
  { minLength: 100, maxLength: 320 },
).map((all) => {
  let clock = 1_000_000;
  return all.map(({ rule, step, delay, n, v }, index) => {
    clock += step;
    return {
      rule,
      id: `e${index}`,
      time: clock - delay,
      received: clock,
      partition: 'p',
      fields: { User: 'ann', Host: 'h1', n, v: `v${v}` },
    };
  });
});

/** A match in the oracle's words; ids become the oracle's labels, one to one. */
class Names {
  private readonly labels = new Map<string, string>();

  of(match: CorrelationMatch, expected: OracleMatch | undefined): OracleMatch {
    if (match.isNew && expected !== undefined && ![...this.labels.values()].includes(expected.label))
      this.labels.set(match.id, expected.label);
    const { correlation, group, events, counts, isNew, from, to, result } = match;
    return {
      correlation: correlation.id,
      label: this.labels.get(match.id) ?? match.id,
      isNew,
      from,
      to,
      group: group.map(({ value }) => value),
      events: events.map(({ id }) => this.labels.get(id) ?? id),
      counts: counts.map((each) => each.count),
      result,
    };
  }
}

function compare(all: readonly Written[], events: readonly CorrelationEvent[], restarts: ReadonlySet<number>): void {
  const limits = LIMITS;
  const oracle = new Oracle(correlationsOf(...all), LIMITS);
  const [store, names] = [new PartStore(), new Names()];
  let { correlator } = compiled(all, { limits });
  events.forEach((event, index) => {
    const expected = oracle.push(event);
    const found = correlator.push(event).map((match, at) => names.of(match, expected[at]));
    expect(found.map(unordered)).toEqual(expected.map(unordered));
    if (index % 3 === 0) store.apply(correlator.changes());
    if (!restarts.has(index)) return;
    store.apply(correlator.changes());
    ({ correlator } = compiled(all, { limits }));
    correlator.restore(store.all());
  });
  if (restarts.size === 0) expect(correlator.stats().reduce((sum, { late }) => sum + late, 0)).toBe(oracle.late);
}

/** Within one window, what joins is given by time, rule and arrival; over several windows of one event, window by window. */
function unordered(match: OracleMatch): OracleMatch {
  return { ...match, events: match.events.toSorted() };
}

const restarts = uniqueArray(integer({ min: 0, max: 320 }), { maxLength: 3 }).map((all) => new Set(all));
const none = constantFrom(new Set<number>());

describe('the streaming correlator agrees with the plain one', () => {
  it('on every type, with disorder, groups, aliases and lists', () => {
    assert(
      property(oneof(single, inWords), streams(60), none, (each, events, when) => compare([each], events, when)),
      { numRuns: 300, endOnFailure: true },
    );
  });
  it('on chains of correlations', () => {
    assert(
      property(chain, streams(60), none, (all, events, when) => compare(all, events, when)),
      { numRuns: 150, endOnFailure: true },
    );
  });
  it('on windows of hundreds of events', () => {
    assert(
      property(single, dense, none, (each, events, when) => compare([each], events, when)),
      { numRuns: 30, endOnFailure: true },
    );
  });
  it('when it is stored and taken back anywhere', () => {
    assert(
      property(
        oneof(
          single.map((each) => [each]),
          chain,
        ),
        oneof(streams(60), dense),
        restarts,
        compare,
      ),
      { numRuns: 60, endOnFailure: true },
    );
  });
});
