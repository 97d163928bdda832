import { array, assert, integer, property } from 'fast-check';
import { expect, it } from 'vitest';
import { inOrder } from './in-order.ts';

function run(keys: readonly number[]): { sorted: number[]; slices: number } {
  const work = inOrder(Int32Array.from(keys.keys()), (number) => keys[number] ?? 0);
  for (let slices = 0; ; slices++) {
    const step = work.next();
    if (step.done === true) return { sorted: [...step.value], slices };
  }
}

it('sorts as a sort does', () => {
  assert(
    property(array(integer(), { maxLength: 300 }), (keys) => {
      expect(run(keys).sorted.map((number) => keys[number])).toEqual(keys.toSorted((a, b) => a - b));
    }),
  );
  const many = Array.from({ length: 30_001 }, (_, n) => (n * 7_919) % 30_011);
  expect(run(many).sorted.map((number) => many[number])).toEqual(many.toSorted((a, b) => a - b));
});

it('pauses every few thousand steps', () => {
  expect(run(Array.from({ length: 30_001 }, (_, n) => -n)).slices).toBeGreaterThan(25);
});
