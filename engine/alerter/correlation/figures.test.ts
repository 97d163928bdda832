import { expect, it } from 'vitest';
import { Registry } from '@vong/platform/metrics';
import type { CorrelatorStats } from 'sigma-rules-ts';
import { CorrelationFigures } from './figures.ts';

const statsOf = (correlation: string, more: Partial<CorrelatorStats> = {}): CorrelatorStats => ({
  correlation,
  groups: 1,
  events: 1,
  late: 0,
  withoutGroup: 0,
  withoutValue: 0,
  evictedGroups: 0,
  evictedEvents: 0,
  matches: 0,
  ...more,
});

it('what correlations let go and could not count only grows, also when one begins anew', async () => {
  const registry = new Registry();
  const figures = new CorrelationFigures(registry);
  figures.update([statsOf('a', { evictedGroups: 2, evictedEvents: 5, late: 1 }), statsOf('b')]);
  figures.update([statsOf('a', { evictedGroups: 3, evictedEvents: 5, late: 1, withoutGroup: 4 })]);
  figures.update([statsOf('a', { evictedGroups: 1 })]);
  const text = await registry.metrics();
  expect(text).toContain('vong_correlation_evicted_groups_total{rule="a"} 4');
  expect(text).toContain('vong_correlation_evicted_events_total{rule="a"} 5');
  expect(text).toContain('vong_correlation_late_events_total{rule="a"} 1');
  expect(text).toContain('vong_correlation_ungrouped_events_total{rule="a"} 4');
  expect(text).not.toContain('rule="b"');
});

it('correlations beyond a bound share one series', async () => {
  const registry = new Registry();
  const figures = new CorrelationFigures(registry);
  figures.update(Array.from({ length: 503 }, (_, n) => statsOf(`c${n}`, { evictedGroups: 1 })));
  expect(await registry.metrics()).toContain('vong_correlation_evicted_groups_total{rule="other"} 3');
});
