/** Both evaluators on generated rules, and on events made from the rules: those that pass, and those that nearly do. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRules, parseRules } from '../index.ts';
import { disagreements } from './agree.ts';
import { eventFor } from './generate/event.ts';
import { Random } from './generate/random.ts';
import { ruleYaml } from './generate/rule.ts';
import { anything } from './support.ts';

const rulesOf = (texts: readonly string[]) => texts.flatMap((text, index) => parseRules(text, `rule ${index}`).rules);

describe('on generated rules', () => {
  it('both evaluators agree about events made from them', () => {
    fc.assert(
      fc.property(fc.array(ruleYaml, { minLength: 1, maxLength: 5 }), fc.integer(), (texts, seed) => {
        const rules = rulesOf(texts);
        const random = new Random(seed);
        const events = Array.from({ length: 12 }, () =>
          eventFor(rules.slice(random.below(rules.length + 1)), random, random.pick([5, 20, 40])),
        );
        expect(disagreements(rules, events, anything)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
  it('events made from a rule raise it often, so that the comparison says something', () => {
    const texts = fc.sample(ruleYaml, { numRuns: 300, seed: 1 });
    const raised = texts.filter((text, index) => {
      const rules = rulesOf([text]);
      const random = new Random(index);
      const events = Array.from({ length: 10 }, () => eventFor(rules, random, 5));
      const set = compileRules(rules, { pipelines: anything });
      return events.some((event) => set.match(event).length > 0);
    });
    expect(raised.length).toBeGreaterThan(200);
  });
});
