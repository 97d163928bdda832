/** SigmaHQ's whole rule set: every rule loads, has a log source that a pipeline knows, and its regression events raise it. */
import { describe, expect, it } from 'vitest';
import { compileRules } from '../index.ts';
import { corpusRules, hasCorpus, ourPipelines, regressionCases } from './support.ts';

describe.skipIf(!hasCorpus)('the corpus', () => {
  const rules = hasCorpus ? corpusRules() : [];
  const set = compileRules(rules, { pipelines: ourPipelines() });

  it('loads to the last rule', () => expect(rules).toHaveLength(3757));
  it('has no log source that no pipeline knows', () => expect(set.withoutLogsource.map((rule) => rule.logsource)).toEqual([]));
  it('is usable but for two rules that need values for a placeholder (Placeholders: "it must reject the rule")', () => {
    expect(set.unusable.map(({ code, reason }) => `${code} ${reason}`)).toEqual(
      Array.from({ length: 2 }, () => 'SIGMA_PLACEHOLDER No values are given for the placeholder %known_cdcs%'),
    );
    expect(compileRules(rules, { pipelines: ourPipelines(), placeholders: { known_cdcs: ['dc01'] } }).unusable).toEqual([]);
  });
  it.each(hasCorpus ? regressionCases() : [])('$name raises $rule from its raw event', ({ rule, count, events }) => {
    expect(events.filter((event) => set.match(event).some((match) => match.rule.id === rule)).length).toBeGreaterThanOrEqual(count);
  });
});
