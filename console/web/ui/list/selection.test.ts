import { describe, expect, it } from 'vitest';
import { moved, toggled } from './selection.ts';

const ids = ['a', 'b', 'c', 'd'];
const none = new Set<string>();

describe('a selection', () => {
  it('takes a row in and out', () => {
    const one = toggled(none, ids, { id: 'b', from: undefined, range: false });
    expect([...one]).toEqual(['b']);
    expect([...toggled(one, ids, { id: 'b', from: 'b', range: false })]).toEqual([]);
  });

  it('takes in everything between two rows, in either direction', () => {
    expect([...toggled(new Set(['a']), ids, { id: 'd', from: 'b', range: true })].sort()).toEqual(['a', 'b', 'c', 'd']);
    expect([...toggled(none, ids, { id: 'a', from: 'c', range: true })]).toEqual(['a', 'b', 'c']);
  });

  it('takes one row when the range begins at a row that is gone', () => {
    expect([...toggled(none, ids, { id: 'c', from: 'x', range: true })]).toEqual(['c']);
  });
});

it('moving stays within the list and begins at its top', () => {
  expect(moved(ids, undefined, 1)).toBe('a');
  expect(moved(ids, 'a', -1)).toBe('a');
  expect(moved(ids, 'b', 1)).toBe('c');
  expect(moved(ids, 'd', 1)).toBe('d');
  expect(moved([], 'd', 1)).toBeUndefined();
});
