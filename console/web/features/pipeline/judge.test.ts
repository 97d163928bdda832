import { describe, expect, it } from 'vitest';
import type { PipelineStatus } from '@vong/engine/contracts';
import { agencyRows, findings, onScale, remembered, timeLeft, trend, type Sample } from './judge.ts';

const row = (stage: PipelineStatus['stages'][number]['stage'], agency: string, p95: number) => ({
  stage,
  agency,
  count: 10,
  p50: 1,
  p95,
  p99: p95,
});

const status = (part: Partial<PipelineStatus> = {}): PipelineStatus => ({
  stages: [row('detect', '*', 200), row('detect', 'a', 200)],
  eventsPerSecond: 50,
  lag: [],
  rules: 300,
  store: { events: 1, bytes: 1 },
  log: { bytes: 1 },
  ...part,
});
const lag = (records: number): PipelineStatus['lag'] => [{ group: 'detector', topic: 'events', records }];
const at = (seconds: number, detector: number): Sample => ({ at: seconds * 1000, eventsPerSecond: 1, lag: { detector } });

describe('the pipeline judged', () => {
  it('is fine when every stage is within its target, quiet when nothing comes', () => {
    expect(findings(status(), [])).toEqual([{ kind: 'fine' }]);
    expect(findings(status({ eventsPerSecond: 0 }), [])).toEqual([{ kind: 'quiet' }]);
  });

  it('names the queue before the slow stage it causes', () => {
    const found = findings(status({ lag: lag(9000), stages: [row('detect', '*', 78_000)] }), [at(0, 10_000), at(10, 9000)]);
    expect(found.map(({ kind }) => kind)).toEqual(['queue', 'slow']);
    expect(found[0]).toMatchObject({ group: 'detector', records: 9000, left: 90_000 });
  });

  it('does not promise an end of a queue that grows', () => {
    expect(findings(status({ lag: lag(9000) }), [at(0, 8000), at(10, 9000)])[0]).toMatchObject({ left: undefined });
  });

  it('names the agencies that are slow while all together are not', () => {
    const stages = [row('receive', '*', 100), row('receive', 'a', 90_000), row('receive', 'b', 6000), row('receive', 'c', 10)];
    expect(findings(status({ stages }), [])).toMatchObject([
      { kind: 'agency', agency: 'a', stage: 'receive' },
      { kind: 'agency', agency: 'b' },
    ]);
  });

  it('says that nothing is detected without rules', () => {
    expect(findings(status({ rules: 0 }), [])).toEqual([{ kind: 'no-rules' }]);
  });
});

describe('the samples', () => {
  it('are kept for five minutes, each moment once', () => {
    let kept: readonly Sample[] = [];
    for (let n = 0; n < 400; n += 2) kept = remembered(kept, at(n, 0));
    expect(kept).toHaveLength(150);
    expect(remembered(kept, at(398, 5))).toBe(kept);
  });

  it('give no trend before there are a few seconds of them', () => {
    expect(trend([], 'detector')).toBeUndefined();
    expect(trend([at(0, 5), at(2, 9)], 'detector')).toBeUndefined();
    expect(trend([at(0, 100), at(10, 0)], 'detector')).toBe(-10);
    expect(timeLeft(100, -10)).toBe(10_000);
    expect(timeLeft(100, 3)).toBeUndefined();
  });
});

describe('the scale of delays', () => {
  it('goes by powers of ten from 1 ms to 100 s and holds everything', () => {
    expect([0, 1, 1000, 100_000, 1e9].map(onScale)).toEqual([0, 0, 0.6, 1, 1]);
  });
});

describe('the agencies', () => {
  it('stand with the worst first', () => {
    const stages = [row('detect', 'a', 10), row('detect', 'b', 5000), row('receive', 'c', 500_000), row('detect', '*', 1)];
    expect(agencyRows(status({ stages })).map(({ agency }) => agency)).toEqual(['c', 'b', 'a']);
  });
});
