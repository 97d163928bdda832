/** A bounded run of every fuzz target; `fuzz.ts` runs them for as long as one likes, and holds them to their time as well. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { TARGETS, type Watch } from './fuzz/targets.ts';

const untimed: Watch = (_, run) => run();

it.each(TARGETS.map((target) => [target.name, target] as const))('%s: every input is taken or refused with a reason', (_, target) => {
  const details = fc.check(target.property(untimed), { numRuns: 400, interruptAfterTimeLimit: 2_500 });
  expect(details.counterexample === null ? 'held' : fc.defaultReportMessage(details)).toBe('held');
  expect(details.numRuns).toBeGreaterThan(10);
});
