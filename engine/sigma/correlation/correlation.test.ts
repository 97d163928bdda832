import { hash } from 'node:crypto';
import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileCorrelations, type CorrelationEvent, parseSigma, silencedRules } from '../index.ts';
import { digest } from './digest.ts';
import { at, compiled, correlationsOf, PartStore, pushAll, RULES, type Written } from './test/support.ts';

const COUNT: Written = { type: 'event_count', rules: ['a'], groupBy: ['User'], condition: { gte: 3 } };
const ann = { User: 'ann' };

describe('a match', () => {
  it('begins once and takes in what follows; a period has one, and the windows of the next are another', () => {
    const times = [0, 1, 2, 3, 4, 9, 60, 61, 62];
    const found = pushAll(
      compiled([COUNT], { limits: { periodMs: 60_000 } }),
      times.map((seconds) => at(seconds, 'a', ann)),
    );
    expect(found.map(({ isNew, events, counts }) => [isNew, events.length, counts[0]?.count])).toEqual([
      [true, 3, 3],
      [false, 1, 4],
      [false, 1, 5],
      [false, 1, 6],
      [true, 3, 3],
    ]);
    expect(new Set(found.map(({ id }) => id)).size).toBe(2);
  });
  it('spans exactly the time span, both ends included', () => {
    expect(
      pushAll(
        compiled([COUNT]),
        [0, 5, 10].map((seconds) => at(seconds, 'a', ann)),
      ),
    ).toHaveLength(1);
    expect(
      pushAll(
        compiled([COUNT]),
        [0, 5, 10.001].map((seconds) => at(seconds, 'a', ann)),
      ),
    ).toHaveLength(0);
  });
  it('of a window that reaches over the end of a period is whole: its events may be part of two', () => {
    const found = pushAll(
      compiled([COUNT], { limits: { periodMs: 60_000 } }),
      [57, 58, 59, 61].map((seconds) => at(seconds, 'a', ann)),
    );
    expect(found.map(({ isNew, events }) => [isNew, events.length])).toEqual([
      [true, 3],
      [true, 4],
    ]);
    expect(new Set(found.map(({ id }) => id)).size).toBe(2);
  });
  it('has an id of its correlation, group and period: others have others', () => {
    const ids = (all: Written, events: readonly CorrelationEvent[]) => pushAll(compiled([all]), events).map(({ id }) => id);
    const three = (fields: object, from = 0) => [0, 1, 2].map((seconds) => at(from + seconds, 'a', { ...fields }));
    const found = [
      ids(COUNT, three(ann)),
      ids(COUNT, three({ User: 'bob' })),
      ids({ ...COUNT, id: 'other' }, three(ann)),
      ids(COUNT, three(ann, 3600)),
    ];
    expect(found.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
    expect(new Set(found.flat()).size).toBe(4);
    expect(ids(COUNT, three({ User: 'ANN' }, 10))).toEqual(found[0]);
  });
  it('is of values that are equal for a rule: case does not count, partitions do', () => {
    expect(pushAll(compiled([COUNT]), [at(0, 'a', { User: 'Ann' }), at(1, 'a', ann), at(2, 'a', { User: ['ANN'] })])).toHaveLength(1);
    const events = [0, 1, 2].map((seconds): CorrelationEvent => ({ ...at(seconds, 'a', ann), partition: `agency ${seconds % 2}` }));
    expect(pushAll(compiled([COUNT]), events)).toHaveLength(0);
  });
  it('of a temporal_ordered correlation needs the order; of one moment any order will do', () => {
    const ordered: Written = { type: 'temporal_ordered', rules: ['a', 'b'], groupBy: ['User'] };
    expect(pushAll(compiled([ordered]), [at(1, 'b', ann), at(2, 'a', ann)])).toHaveLength(0);
    expect(pushAll(compiled([ordered]), [at(2, 'b', ann), at(2, 'a', ann)])).toHaveLength(1);
    expect(pushAll(compiled([ordered]), [at(2, 'b', ann), at(1, 'a', ann)])).toHaveLength(1);
  });
});

describe('an event', () => {
  it('that comes late is counted where it belongs, and one too late is counted as such', () => {
    const set = compiled([COUNT], { limits: { latenessMs: 30_000 } });
    expect(pushAll(set, [at(0, 'a', ann), at(2, 'a', ann), at(25, 'a', ann), at(1, 'a', ann)])).toHaveLength(1);
    expect(pushAll(set, [at(60, 'a', ann), at(29, 'a', ann)])).toHaveLength(0);
    expect(set.correlator.stats()[0]?.late).toBe(1);
  });
  it('without a field to group by, or without a value, is counted as such', () => {
    const sum: Written = { type: 'value_sum', rules: ['a'], groupBy: ['User'], condition: { field: 'n', gt: 3 } };
    const set = compiled([sum]);
    pushAll(set, [at(0, 'a', { n: 1 }), at(0, 'a', { ...ann, n: 'many' }), at(0, 'a', ann), at(0, 'a', { ...ann, n: '4' })]);
    expect(set.correlator.stats()[0]).toMatchObject({ withoutGroup: 1, withoutValue: 2, matches: 1 });
  });
  it('that bears names of object members does no harm', () => {
    const fields = JSON.parse('{"__proto__": "x", "constructor": "y"}') as Record<string, unknown>;
    const set = compiled([{ ...COUNT, groupBy: ['__proto__', 'constructor'], condition: { gte: 1 } }]);
    expect(set.correlator.push(at(0, 'a', fields))[0]?.group).toEqual([
      { field: '__proto__', value: 'x' },
      { field: 'constructor', value: 'y' },
    ]);
    expect(set.correlator.push(at(1, 'a', {}))).toEqual([]);
  });
});

describe('memory is bounded', () => {
  it('by groups: the one touched longest ago goes, and is reported', () => {
    const evicted: unknown[] = [];
    const set = compiled([COUNT], { limits: { groups: 2 }, onEvicted: (id, counts) => evicted.push([id, counts]) });
    const seen = ['x', 'y', 'x', 'z', 'x'].map((User, second) => at(second, 'a', { User }));
    expect(pushAll(set, seen)).toHaveLength(1);
    expect(evicted).toEqual([['corr', { groups: 1, events: 1 }]]);
  });
  it('by events of a group: the oldest go, and are reported', () => {
    let events = 0;
    const set = compiled([{ ...COUNT, condition: { gte: 5 } }], {
      limits: { groupEvents: 5 },
      onEvicted: (_id, counts) => (events += counts.events),
    });
    pushAll(
      set,
      Array.from({ length: 50 }, (_, i) => at(i / 10, 'a', ann)),
    );
    expect([events, set.correlator.stats()[0]?.events]).toEqual([45, 5]);
  });
  it('by time: a group nothing can join any more is forgotten', () => {
    const set = compiled([COUNT], { limits: { latenessMs: 5_000 } });
    pushAll(set, [...Array.from({ length: 100 }, (_, i) => at(0, 'a', { User: `u${i}` })), at(16, 'a', ann)]);
    expect(set.correlator.stats()[0]).toMatchObject({ groups: 1, evictedGroups: 0 });
  });
  it('so a limit that no window could hold is refused', () => {
    const { failures } = compileCorrelations(correlationsOf({ ...COUNT, condition: { gte: 20_000 } }), { rules: RULES });
    expect(failures[0]?.reason).toContain('needs 20000 events in one window, 10000 are kept');
  });
});

describe('references', () => {
  const failure = (...all: Written[]) => {
    const { failures, correlations } = compileCorrelations(correlationsOf(...all), { rules: RULES });
    return { failures: failures.map(({ line, column, reason }) => `${line}:${column} ${reason}`), used: correlations.map(({ id }) => id) };
  };
  it('to a rule that is not there are refused with their place, and stop no other', () => {
    const found = failure({ ...COUNT, id: 'bad', rules: ['a', 'nobody'] }, { ...COUNT, id: 'good', rules: ['b_name'] });
    expect(found.failures).toEqual([expect.stringMatching(/^2:\d+ .*no rule "nobody"/)]);
    expect(found.used).toEqual(['good']);
  });
  it('in a circle are refused, for everything that needs the circle', () => {
    const outer = { ...COUNT, id: 'x', rules: ['y'] };
    const found = failure(
      outer,
      { ...COUNT, id: 'y', rules: ['z'] },
      { ...COUNT, id: 'z', rules: ['x'] },
      { ...COUNT, id: 'w', rules: ['x'] },
    );
    expect(found.used).toEqual([]);
    expect(found.failures.filter((text) => text.includes('refers back'))).toHaveLength(1);
  });
  it('of an alias to a rule that is none of its own are refused', () => {
    expect(failure({ ...COUNT, aliases: { ip: { b: 'src' } } }).failures[0]).toContain('the alias "ip" is for "b"');
  });
  it('say which fields a rule must give, through chains too', () => {
    const inner: Written = { id: 'inner', type: 'event_count', rules: ['a'], groupBy: ['Host'], condition: { gte: 2 } };
    const outer: Written = {
      id: 'outer',
      type: 'temporal',
      rules: ['inner', 'b_name'],
      groupBy: ['who'],
      aliases: { who: { b_name: 'Account', inner: 'User' } },
    };
    const set = compiled([outer, inner]);
    expect([set.fieldsOf('a').toSorted(), set.fieldsOf('b'), set.fieldsOf('c')]).toEqual([['Host', 'User'], ['Account'], []]);
    const events = [at(0, 'a', { Host: 'h', User: 'x' }), at(1, 'a', { Host: 'h', User: 'ann' }), at(2, 'b', { Account: 'Ann' })];
    expect(pushAll(set, events).map(({ correlation }) => [correlation.id, correlation.level])).toEqual([
      ['inner', 'low'],
      ['outer', 'low'],
    ]);
  });
});

describe('generate', () => {
  const two = (generate: string, first = 'f.yml', second = 'f.yml') => {
    const rule = parseSigma('title: R\nid: r\nlogsource: {product: linux}\ndetection: {s: {a: b}, condition: s}', first);
    const text = `title: C\nid: c\n${generate}\ncorrelation: {type: event_count, rules: [r], group-by: [], timespan: 1m, condition: {gte: 2}}`;
    return [...silencedRules(parseSigma(text, second).correlations, rule.rules)];
  };
  it('unsaid silences the rules of the same file, and leaves a rule published elsewhere its alerts', () => {
    expect([two(''), two('', 'g.yml')]).toEqual([['r'], []]);
  });
  it('true silences none, false silences all', () => {
    expect([two('generate: true'), two('generate: false', 'g.yml')]).toEqual([[], ['r']]);
  });
});

describe('a correlator', () => {
  it('goes on where the one before it was, for correlations that did not change, and drops the others from the store', () => {
    const other: Written = { ...COUNT, id: 'other' };
    const before = compiled([COUNT, other]);
    const store = new PartStore();
    pushAll(before, [at(0, 'a', ann), at(1, 'a', ann)]);
    store.apply(before.correlator.changes());
    const after = compiled([COUNT, { ...other, timespan: '1h' }], { previous: before.correlator });
    expect(pushAll(after, [at(2, 'a', ann)]).map(({ correlation }) => correlation.id)).toEqual(['corr']);
    store.apply(after.correlator.changes());
    const restored = compiled([COUNT]);
    restored.correlator.restore(store.all());
    expect(restored.correlator.stats()[0]).toMatchObject({ groups: 1, events: 3 });
    store.apply(restored.correlator.changes());
    expect(new Set(store.all().map(({ correlation }) => correlation))).toEqual(new Set(['corr']));
  });
  it('tells only what changed', () => {
    const { correlator } = compiled([COUNT]);
    for (let i = 0; i < 10; i++) correlator.push(at(0, 'a', { User: `u${i}` }));
    expect(correlator.changes()).toHaveLength(11);
    correlator.push(at(1, 'a', { User: 'u3' }));
    expect(correlator.changes().map(({ group, part }) => [group, part])).toEqual([
      ['', 0],
      [expect.stringContaining('u3'), 0],
    ]);
    expect(correlator.changes()).toEqual([]);
  });
});

it('digest is SHA-256', () => {
  assert(
    property(string({ unit: 'binary', maxLength: 200 }), (text) => digest([text]) === hash('sha256', text.toWellFormed()).slice(0, 32)),
  );
});
