import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEvtx } from '../index.ts';
import { buildEvtx } from './build.ts';
import { VALUES } from './cases.ts';
import { seal } from './dense.ts';
import { regressionFiles } from './samples.ts';

const BUDGET_MS = 4000;
const built = buildEvtx(
  Object.values(VALUES).map((value) => ({
    template: { element: 'Event', attributes: { a: [{ substitute: 0 }] }, children: [{ substitute: 0 }] },
    values: [value],
  })),
);
const originals = [
  built,
  ...regressionFiles('evtx')
    .slice(0, 20)
    .map((path) => readFileSync(path)),
];

const mutation = fc.record({
  original: fc.nat(originals.length - 1),
  edits: fc.array(fc.record({ at: fc.nat(6000), value: fc.integer({ min: 0, max: 255 }), width: fc.constantFrom(1, 2, 4) }), {
    minLength: 1,
    maxLength: 12,
  }),
  cut: fc.option(fc.nat(70_000), { freq: 6 }),
  sealed: fc.boolean(),
});

describe('bytes that were changed at will', () => {
  it('never throw, never repeat without end, always give JSON or a reason', () => {
    const check = ({ original, edits, cut, sealed }: typeof mutation extends fc.Arbitrary<infer T> ? T : never): void => {
      const file = Buffer.from(originals[original] ?? built);
      for (const { at, value, width } of edits) file.fill(value, 4096 + at, 4096 + at + width);
      const end = file.readUInt32LE(4096 + 48);
      // Half of them with right check sums: a hostile file has those.
      if (sealed && end >= 512 && end <= 65_536) seal(file.subarray(4096, 4096 + 65_536), end);
      let items = 0;
      for (const item of parseEvtx(cut === null ? file : file.subarray(0, cut), { slack: sealed })) {
        items++;
        if (item.error === undefined) expect(JSON.parse(item.json)).toBeTypeOf('object');
        else expect(item.error.reason).toMatch(/^[\u0020-\u007e]{5,200}$/);
      }
      expect(items).toBeLessThan(4000);
    };
    fc.assert(fc.property(mutation, check), { numRuns: 5000, interruptAfterTimeLimit: BUDGET_MS });
  });
});
