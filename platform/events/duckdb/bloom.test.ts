import { expect, it } from 'vitest';
import { Bloom } from './bloom.ts';

it('never denies an id that it holds, and seldom claims another', () => {
  const ids = Array.from({ length: 5000 }, (_, n) => `id-${n * 7919}`);
  const bloom = Bloom.for(ids, ids.length);
  expect(ids.filter((id) => !bloom.has(id))).toEqual([]);
  expect(ids.filter((id) => bloom.has(`other-${id}`)).length).toBeLessThan(100);
});
