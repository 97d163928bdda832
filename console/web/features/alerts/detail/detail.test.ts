import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { makeExplanation, YAML } from '../../../../test/fixtures/alerts.ts';
import { countByTime } from './buckets.ts';
import { cutAt } from './spans.ts';
import { markYaml } from './yaml-marks.ts';

describe('the rule text', () => {
  const lines = YAML.split('\n');
  const marked = (matches: Parameters<typeof markYaml>[1]): string[] =>
    [...markYaml(YAML, matches)].sort((a, b) => a - b).map((n) => lines[n]!.trim());

  it('has the lines marked that matched, and only those', () => {
    expect(marked(makeExplanation().matches)).toEqual([
      '- Image|endswith:',
      String.raw`- '\powershell.exe'`,
      "CommandLine|contains: ' -e'",
      'CommandLine|contains:',
      "- ' SQBFAFgA'",
    ]);
  });

  it('is not marked in another selection that has the same value', () => {
    const [match] = makeExplanation().matches;
    expect(marked([{ ...match!, selection: 'filter_optional_azure' }])).toEqual([]);
  });

  it('finds values in lists on one line, and keywords without a field', () => {
    const yaml = 'detection:\n  sel:\n    EventID: [4624, 4625]\n  words:\n    - wget\n    - "curl \\"x\\""\n  condition: sel or words\n';
    const match = { selection: 'sel', field: 'EventID', modifiers: [], pattern: '4625', path: 'winlog.event_id', value: '4625' };
    expect([...markYaml(yaml, [match])]).toEqual([2]);
    expect([...markYaml(yaml, [{ ...match, selection: 'words', field: null, pattern: 'curl "x"' }])]).toEqual([5]);
  });

  it('of any text is marked without failing, in linear time', () => {
    fc.assert(fc.property(fc.string({ maxLength: 400 }), (text) => void markYaml(text, makeExplanation().matches)));
    const started = performance.now();
    markYaml(`detection:\n  a:\n${'    - '.repeat(20_000)}\n`, makeExplanation().matches);
    markYaml(`detection:\n  a:\n    x: [${"'".repeat(20_001)}\n`, makeExplanation().matches);
    expect(performance.now() - started).toBeLessThan(6000);
  });
});

describe('a marked value', () => {
  it('is the value, whatever the spans', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.array(fc.tuple(fc.integer({ min: -5, max: 50 }), fc.integer({ min: -5, max: 50 }))),
        (value, spans) => {
          expect(
            cutAt(value, spans)
              .map(({ text }) => text)
              .join(''),
          ).toBe(value);
        },
      ),
    );
  });

  it('is cut at half-open ranges', () => {
    expect(cutAt('abcdef', [[1, 3]])).toEqual([
      { text: 'a', marked: false },
      { text: 'bc', marked: true },
      { text: 'def', marked: false },
    ]);
  });
});

describe('counts by time', () => {
  it('lose no event and leave no gap, in at most 61 steps', () => {
    const times = fc.array(fc.record({ at: fc.integer({ min: 1.7e12, max: 1.7e12 + 4e9 }), own: fc.boolean() }), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(times, (events) => {
        const { step, buckets } = countByTime(events, [1.7e12, 1.7e12 + 600_000]);
        expect(buckets.reduce((sum, { own, other }) => sum + own + other, 0)).toBe(events.length);
        expect(buckets.length).toBeLessThanOrEqual(62);
        expect(buckets.every(({ x }, at) => at === 0 || x - buckets[at - 1]!.x === step)).toBe(true);
      }),
    );
  });
});
