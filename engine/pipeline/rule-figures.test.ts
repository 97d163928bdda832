import { expect, it } from 'vitest';
import { Registry } from '@vong/platform/metrics';
import { RuleFigures } from './rule-figures.ts';

const costs = (events: number, ...rules: [string, number][]) => ({ matches: [], costs: { events, rules } });

it('costs are means over the events measured, and shares of what all rules cost; the dearest come first', () => {
  const figures = new RuleFigures(new Registry());
  expect(figures.costs()).toEqual([]);
  figures.add(costs(10, ['a', 1]));
  figures.add(costs(10, ['a', 1], ['b', 6]));
  expect(figures.costs()).toEqual([
    { rule: 'b', ns: 300_000, share: 0.75 },
    { rule: 'a', ns: 100_000, share: 0.25 },
  ]);
});

it('what was measured long ago weighs less and less', () => {
  const figures = new RuleFigures(new Registry());
  figures.add(costs(20_000, ['old', 20]));
  for (let n = 0; n < 10; n++) figures.add(costs(10_000, ['new', 10]));
  const [first, second] = figures.costs();
  expect([first?.rule, second?.rule]).toEqual(['new', 'old']);
  expect(second?.share).toBeLessThan(0.01);
});

it('metrics stay bounded in number however many rules there are', async () => {
  const registry = new Registry();
  const figures = new RuleFigures(registry);
  const matches = Array.from({ length: 6000 }, (_, n) => [`rule-${n}`, 'bo-a', 2] as const);
  figures.add({ matches, costs: { events: 1, rules: matches.map(([rule], n) => [rule, n + 1]) } });
  figures.add({ matches: [['rule-1', 'bo-b', 3]], costs: { events: 0, rules: [] } });
  const text = await registry.metrics();
  expect(text).toContain('vong_rule_matches_total{rule="rule-1"} 5\n');
  expect(text).toContain('vong_rule_matches_total{rule="other"} 2000\n');
  expect(text.match(/vong_rule_matches_total\{/g)).toHaveLength(5001);
  expect(text.match(/vong_rule_cost_seconds\{/g)).toHaveLength(20);
});
