/** Both evaluators on generated rules, and on events made from the rules: those that pass, and those that nearly do. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRules, parseRules } from '../index.ts';
import { Comparison, disagreements } from './agree.ts';
import { broken } from './fuzz/texts.ts';
import { eventFor } from './generate/event.ts';
import { spell } from './generate/json.ts';
import { Random } from './generate/random.ts';
import { ruleYaml } from './generate/rule.ts';
import { anything, readObject } from './support.ts';

const rulesOf = (texts: readonly string[]) => texts.flatMap((text, index) => parseRules(text, `rule ${index}`).rules);
const ruleTexts = fc.array(ruleYaml, { minLength: 1, maxLength: 5 });

describe('on generated rules', () => {
  it('both evaluators agree about events made from them', () => {
    fc.assert(
      fc.property(ruleTexts, fc.integer(), (texts, seed) => {
        const rules = rulesOf(texts);
        const random = new Random(seed);
        const events = Array.from({ length: 12 }, () =>
          eventFor(rules.slice(random.below(rules.length + 1)), random, random.pick([5, 20, 40])),
        );
        expect(disagreements(rules, events, anything)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
  it('JSON text matches as what JSON.parse makes of it, however it is spelled', () => {
    fc.assert(
      fc.property(ruleTexts, fc.integer(), (texts, seed) => {
        const rules = rulesOf(texts);
        const random = new Random(seed);
        const comparison = new Comparison(rules, anything);
        for (let round = 0; round < 12; round++) {
          const json = spell(eventFor(rules, random, 15), random, random.pick([0, 3, 30]));
          expect(comparison.checkJson(json, readObject(json))).toBeUndefined();
        }
        expect(comparison.faults).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
  it('what is no JSON is refused where JSON.parse refuses it, and only there', () => {
    const rules = rulesOf(fc.sample(ruleYaml, { numRuns: 20, seed: 3 }));
    const set = compileRules(rules, { pipelines: anything });
    const text = fc.integer().map((seed) => spell(eventFor(rules.slice(0, 3), new Random(seed), 20), new Random(seed), 10));
    fc.assert(
      fc.property(broken(text), (json) => {
        const bytes = new TextEncoder().encode(json);
        const decoded = new TextDecoder().decode(bytes);
        const outcome = (run: () => unknown): unknown => {
          try {
            return run();
          } catch (error) {
            return error instanceof SyntaxError ? 'SyntaxError' : error;
          }
        };
        const parsed = outcome(() => JSON.parse(decoded) as unknown);
        const byObject =
          typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
            ? set.match(parsed)
            : parsed === 'SyntaxError'
              ? parsed
              : [];
        expect(outcome(() => set.matchJson(bytes))).toEqual(byObject);
      }),
      { numRuns: 3_000, interruptAfterTimeLimit: 4_000 },
    );
  });
  it('events made from a rule raise it often, so that the comparison says something', () => {
    const texts = fc.sample(ruleYaml, { numRuns: 300, seed: 1 });
    const raised = texts.filter((text, index) => {
      const rules = rulesOf([text]);
      const random = new Random(index);
      const set = compileRules(rules, { pipelines: anything });
      return Array.from({ length: 10 }, () => eventFor(rules, random, 5)).some((event) => set.match(event).length > 0);
    });
    expect(raised.length).toBeGreaterThan(200);
  });
});
