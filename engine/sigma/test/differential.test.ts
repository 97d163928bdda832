/**
 * The indexed evaluator against the plain one: identical matches of every rule of the corpus, on samples of the shared data with every
 * kind of event in them. `node engine/sigma/test/differential-full.ts` compares on every event.
 */
import { describe, expect, it } from 'vitest';
import { disagreements } from './agree.ts';
import { laneLines, otrfEvents, sampleLines } from './events.ts';
import { eventFor } from './generate/event.ts';
import { Random } from './generate/random.ts';
import { corpusRules, hasCorpus, hasLanes, ourPipelines, readObject, regressionCases } from './support.ts';

describe.skipIf(!hasCorpus)('on every rule of the corpus both evaluators agree', () => {
  it.skipIf(!hasLanes)('on events of the mixed lane, every channel and event id', () => {
    const lines = sampleLines(laneLines('windows-mix'), 400);
    expect(lines.length).toBeGreaterThan(700);
    expect(disagreements(corpusRules(), lines.map(readObject), ourPipelines())).toEqual([]);
  });
  it.skipIf(!hasLanes)('on events of the process lane', () => {
    expect(disagreements(corpusRules(), sampleLines(laneLines('windows-process'), 60).map(readObject), ourPipelines())).toEqual([]);
  });
  it('on regression events', () => {
    const events = regressionCases().flatMap((one) => one.events.slice(0, 1));
    expect(disagreements(corpusRules(), events, ourPipelines())).toEqual([]);
  });
  it.skipIf(!hasLanes)("on OTRF's recordings", () => {
    const events = otrfEvents(2_000).flatMap((one) => one.events);
    expect(events.length).toBeGreaterThan(100);
    expect(disagreements(corpusRules(), events, ourPipelines())).toEqual([]);
  });
  it('on events made from the rules themselves', () => {
    const rules = corpusRules();
    const random = new Random(20_261_122);
    const events = rules
      .filter((_, index) => index % 12 === 0)
      .map((rule) => {
        const { product = '', service = '', category = '' } = rule.logsource;
        return { ls_product: product, ls_service: service, ls_category: category, ...eventFor([rule], random, 8) };
      });
    expect(disagreements(rules, events, ourPipelines())).toEqual([]);
  });
});
