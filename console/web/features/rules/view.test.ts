import { describe, expect, it } from 'vitest';
import {
  bucketsOf,
  costText,
  huntQuery,
  linesOf,
  logsourceText,
  orderOf,
  originOf,
  rulesQuery,
  rulesSearch,
  safeLink,
  shareText,
  sortedBy,
  techniquesText,
} from './view.ts';

describe('the URL of the rules', () => {
  it('keeps what is valid and drops the rest', () => {
    expect(
      rulesSearch({ q: 'ntds', kind: 'correlation', level: 'high', product: 'windows', state: 'off', sort: 'cost', rule: 'x', other: 1 }),
    ).toEqual({
      q: 'ntds',
      kind: 'correlation',
      level: 'high',
      product: 'windows',
      state: 'off',
      sort: 'cost',
      rule: 'x',
    });
    expect(rulesSearch({ q: '', kind: 'detection', level: 'huge', state: 'maybe', sort: 'x', direction: 'up', rule: ['a'] })).toEqual({});
  });

  it('becomes the query of the server', () => {
    expect(rulesQuery({ q: 'x', state: 'off', rule: 'r' })).toEqual({ q: 'x', state: 'off' });
  });
});

describe('the tags in a list', () => {
  it('are the techniques, and where there is none what there is', () => {
    expect(techniquesText(['attack.credential-access', 'attack.t1003.001', 'attack.t1027'])).toBe('T1003.001, T1027');
    expect(techniquesText(['attack.stealth', 'cve.2021-1'])).toBe('stealth, cve.2021-1');
    expect(techniquesText([])).toBe('');
  });
});

describe('the order', () => {
  it('is by title; a click on a head sorts by it, numbers from the largest, a second click turns it', () => {
    expect(orderOf({})).toEqual({ column: 'title', direction: 'ascending' });
    expect(sortedBy({}, 'cost')).toEqual({ sort: 'cost', direction: 'descending' });
    expect(sortedBy({ sort: 'cost' }, 'cost')).toEqual({ sort: 'cost', direction: 'ascending' });
    expect(sortedBy({ sort: 'cost' }, 'title')).toEqual({ sort: 'title', direction: 'ascending' });
  });
});

describe('figures of a rule', () => {
  it('hours begin on the hour, the present one last', () => {
    const hour = 3_600_000;
    expect(bucketsOf([1, 2, 3], 10 * hour + 5)).toEqual([
      { from: 8 * hour, count: 1 },
      { from: 9 * hour, count: 2 },
      { from: 10 * hour, count: 3 },
    ]);
  });

  it('costs are microseconds an event, shares per cent', () => {
    expect([costText(420, 'en'), costText(420, 'vi'), costText(12_345, 'en')]).toEqual(['0.42 µs', '0,42 µs', '12 µs']);
    expect(shareText(0.0314, 'en')).toBe('3.1%');
  });
});

describe('values for a placeholder', () => {
  it('are typed one a line; blanks and repeats are dropped', () => {
    expect(linesOf(' a*\n\nb c \na*\r\n')).toEqual(['a*', 'b c']);
  });

  it('say where they come from', () => {
    const view = { name: 'S', rules: [], inherited: [], effective: [] };
    const own = { values: ['x'], replaces: false, updatedAt: 0, updatedBy: '' };
    expect(originOf(view)).toBe('none');
    expect(originOf({ ...view, effective: ['x'], own })).toBe('own');
    const both = { ...view, inherited: ['y'], effective: ['y', 'x'] };
    expect([originOf(both), originOf({ ...both, own }), originOf({ ...both, own: { ...own, replaces: true } })]).toEqual([
      'inherited',
      'both',
      'replaced',
    ]);
  });
});

describe('a log source', () => {
  it('is one line', () => {
    expect(logsourceText({ product: 'windows', category: 'process_creation' })).toBe('windows · process_creation');
  });

  it('becomes a hunt for its events', () => {
    expect(huntQuery({ product: 'windows', category: 'process_creation' })).toBe('host.os.type: "windows" and event.category: "process"');
    expect(huntQuery({ category: 'webserver' })).toBe('event.category: "web"');
    expect(huntQuery({ product: 'aws', service: 'cloudtrail' })).toBeUndefined();
  });
});

it('only web addresses are opened', () => {
  expect(safeLink('https://example.com/a')).toBe('https://example.com/a');
  expect(['javascript:alert(1)', 'data:text/html,x', 'Internal research', '//x'].map(safeLink)).toEqual(Array(4).fill(undefined));
});
