/** SigmaHQ's regression events through our parsers: what detects in the raw form detects in the product's own form. */
import { describe, expect, it } from 'vitest';
import { parseRecord } from '@vong/collector/parsers';
import { compileRules } from 'sigma-rules-ts';
import { corpusRules, hasCorpus, ourPipelines, regressionCases } from '../engine/sigma/test/support.ts';

const set = compileRules(hasCorpus ? corpusRules() : [], { pipelines: ourPipelines() });

function ids(event: object): string[] {
  return set.match(event).map((match) => match.rule.id);
}

describe.skipIf(!hasCorpus)('regression events as ECS', () => {
  it.each(hasCorpus ? regressionCases() : [])('$name raises $rule', ({ rule, count, events }) => {
    const hits = events.filter((event) => {
      const outcome = parseRecord({ raw: JSON.stringify(event), format: 'auto', collected: '2026-11-22T02:00:00.000Z' });
      if ('error' in outcome) throw new Error(outcome.error.reason);
      return set.match(outcome.event).some((match) => match.rule.id === rule);
    });
    expect(hits.length).toBeGreaterThanOrEqual(count);
  });

  it('raises the same rules as the raw form, event by event', () => {
    const different = regressionCases().flatMap(({ name, events }) =>
      events
        .filter((event) => {
          const outcome = parseRecord({ raw: JSON.stringify(event), format: 'auto', collected: '2026-11-22T02:00:00.000Z' });
          return !('event' in outcome) || ids(outcome.event).join() !== ids(event).join();
        })
        .map(() => name),
    );
    expect(different).toEqual([]);
  });
});
