import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Bytes } from './gram-table.ts';
import { KnownValues } from './known-values.ts';
import type { Atom } from './node.ts';

function textOf(value: string): Bytes {
  const bytes = new TextEncoder().encode(`"${value}"`);
  return { bytes, view: new DataView(bytes.buffer), from: 1, to: 1 + value.length };
}

/** Only its identity counts here. */
function atomOf(value: string): Atom {
  // oxlint-disable-next-line no-unsafe-type-assertion -- stands for a witness
  return { value } as unknown as Atom;
}

const few = fc.constantFrom('cmd.exe', 'CMD.exe', 'cmd.exf', 'xmd.exe', '', 'a', 'b', 'C:\\Windows\\System32\\svchost.exe');
const some = fc.string({ unit: fc.constantFrom('a', 'b', '\\'), maxLength: 12 });
const long = fc.integer({ min: 900, max: 1200 }).map((length) => 'x'.repeat(length));

it('never tells of one value what was learnt of another, however many fall on its place', () => {
  const many = fc.integer({ min: 0, max: 5000 }).map((n) => `value number ${n}`);
  fc.assert(
    fc.property(fc.array(fc.oneof(few, some, many, long), { maxLength: 3000 }), (values) => {
      const known = new KnownValues({ left: 100e6 });
      const number = known.number();
      const other = known.number();
      for (const value of values) {
        const entry = known.enter(textOf(value));
        if (value.length > 1024) {
          expect(entry).toBe(-1);
          continue;
        }
        const passes = value.length % 2 === 0;
        const found = known.found[entry];
        if (found !== undefined) expect(found).toEqual([atomOf(value)]);
        known.found[entry] = [atomOf(value)];
        const answer = known.answer(entry, number);
        if (answer !== -1) expect(answer === 1).toBe(passes);
        known.learn(entry, number, passes);
        expect(known.answer(entry, number)).toBe(passes ? 1 : 0);
        expect(known.answer(entry, other)).toBe(-1);
      }
    }),
    { numRuns: 60 },
  );
});

it('remembers most of what comes again and again', () => {
  const known = new KnownValues({ left: 100e6 });
  let remembered = 0;
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 20; n++) {
      const entry = known.enter(textOf(`C:\\Program Files\\part ${n}\\tool.exe`));
      if (known.found[entry]?.length === n + 1) remembered++;
      known.found[entry] = Array.from({ length: n + 1 }, () => atomOf(''));
    }
  }
  expect(remembered).toBeGreaterThan(25);
});

it('numbers as many tests as it keeps answers of, and no more', () => {
  const known = new KnownValues({ left: 100e6 });
  const first = known.number();
  known.learn(known.enter(textOf('a')), first, true);
  const numbers = Array.from({ length: 2099 }, () => known.number());
  expect(new Set(numbers.filter((number) => number >= 0)).size).toBe(2047);
  expect(numbers.at(-1)).toBe(-1);
  const entry = known.enter(textOf('a'));
  expect(known.answer(entry, first)).toBe(1);
  for (const number of numbers.slice(0, 2047)) known.learn(entry, number, number % 3 === 0);
  expect(numbers.slice(0, 2047).every((number) => known.answer(entry, number) === (number % 3 === 0 ? 1 : 0))).toBe(true);
});

it('takes no more memory than it is given, and keeps nothing where there is none', () => {
  const none = new KnownValues({ left: 1000 });
  expect(none.enter(textOf('a'))).toBe(-1);
  const memory = { left: 50_000 };
  const known = new KnownValues(memory);
  for (let n = 0; n < 20_000; n++) {
    const entry = known.enter(textOf(`C:\\Users\\user ${n}\\AppData\\Local\\Temp\\${n}.exe`));
    expect(entry).toBeGreaterThanOrEqual(0);
    expect(memory.left).toBeGreaterThanOrEqual(0);
    known.found[entry] = [];
  }
  for (let test = 0; test < 5000; test++) known.number();
  expect(memory.left).toBeGreaterThanOrEqual(0);
  expect(known.number()).toBe(-1);
});
