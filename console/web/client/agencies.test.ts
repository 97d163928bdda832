import { expect, it } from 'vitest';
import { AGENCIES } from '../../test/fixtures/people.ts';
import { inTreeOrder } from './agencies.ts';

it('agencies are read as a tree, children by name, and a parent out of reach makes a root', () => {
  const all = inTreeOrder(AGENCIES, 'vi');
  expect(all.map(({ agency }) => agency.code).slice(0, 4)).toEqual(['vn', 'btttt', 'byt', 'byt-bachmai']);
  expect(all).toHaveLength(AGENCIES.length);
  const below = inTreeOrder(
    AGENCIES.filter(({ path }) => path.includes('danang')),
    'vi',
  );
  expect(below.map(({ agency, depth }) => [agency.code, depth])).toEqual([
    ['danang', 0],
    ['danang-haichau', 1],
  ]);
});
