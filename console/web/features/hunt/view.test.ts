import { describe, expect, it } from 'vitest';
import { columnsOf, DEFAULT_COLUMNS, huntSearch, moved, searchKey, spanOf, toggled, widened } from './view.ts';

const NOW = Date.UTC(2026, 10, 22, 7);
const HOUR = 3_600_000;

describe('the URL of the hunt', () => {
  it('keeps what is valid and drops the rest', () => {
    expect(
      huntSearch({ q: 4625, range: '7d', from: '12', order: 'oldest', tab: 'raw', columns: 'a,b,a', field: 'host.name', evil: 1 }),
    ).toEqual({
      q: '4625',
      range: '7d',
      from: 12,
      order: 'oldest',
      tab: 'raw',
      columns: 'a,b',
      field: 'host.name',
    });
    expect(huntSearch({ q: { a: 1 }, range: 'year', from: -1, to: 'x', order: 'newest', tab: '', columns: ',' })).toEqual({});
  });

  it('does not carry the columns everyone starts with', () => {
    expect(huntSearch({ columns: DEFAULT_COLUMNS.join(',') })).toEqual({});
  });

  it('tells searches apart and nothing else', () => {
    expect(searchKey({ q: 'a', event: 'x', columns: 'b' })).toBe(searchKey({ q: 'a' }));
    expect(searchKey({ q: 'a' })).not.toBe(searchKey({ q: 'a', range: '1h' }));
  });
});

describe('the time of a view', () => {
  it('is the last 24 hours when nothing is said', () => {
    expect(spanOf({}, NOW).from).toBe(NOW - 24 * HOUR);
  });

  it('is what an absolute range says, and its other side when one is missing', () => {
    expect(spanOf({ from: 5, to: 9, range: '1h' }, NOW)).toEqual({ from: 5, to: 9 });
    expect(spanOf({ from: 5 }, NOW)).toEqual({ from: 5, to: NOW });
    expect(spanOf({ to: NOW }, NOW)).toEqual({ from: NOW - 24 * HOUR, to: NOW });
  });

  it('ignores a range that ends before it begins', () => {
    expect(spanOf({ from: 9, to: 5 }, NOW)).toEqual(spanOf({}, NOW));
  });

  it('has no bounds when everything is wanted', () => {
    expect(spanOf({ range: 'all' }, NOW)).toEqual({});
  });

  it('doubles around its middle and does not run into the future', () => {
    expect(widened({ from: NOW - 2 * HOUR, to: NOW - HOUR }, NOW)).toEqual({ from: NOW - 2.5 * HOUR, to: NOW - 0.5 * HOUR });
    expect(widened({ from: NOW - HOUR, to: NOW }, NOW).to).toBe(NOW);
  });
});

describe('columns', () => {
  it('are added before the summary and taken away again', () => {
    const added = toggled(DEFAULT_COLUMNS, 'source.ip');
    expect(added).toBe('host.name,user.name,kind,source.ip,summary');
    expect(columnsOf({ columns: toggled(columnsOf({ columns: added }), 'source.ip') })).toBe(DEFAULT_COLUMNS);
    expect(toggled(['a'], 'b')).toBe('a,b');
  });

  it('move by one place and stop at the ends', () => {
    expect(moved(['a', 'b', 'c'], 'b', -1)).toBe('b,a,c');
    expect(moved(['a', 'b', 'c'], 'b', 1)).toBe('a,c,b');
    expect(moved(['a', 'b'], 'a', -1)).toBe('a,b');
  });

  it('are never none', () => {
    expect(columnsOf({ columns: toggled(['a'], 'a') })).toBe(DEFAULT_COLUMNS);
  });
});
