import { describe, expect, it } from 'vitest';
import { huntQuery, logsourceText, rulesQuery, rulesSearch, safeLink } from './view.ts';

describe('the URL of the rules', () => {
  it('keeps what is valid and drops the rest', () => {
    expect(rulesSearch({ q: 'ntds', level: 'high', product: 'windows', enabled: 'no', rule: 'x', other: 1 })).toEqual({
      q: 'ntds',
      level: 'high',
      product: 'windows',
      enabled: 'no',
      rule: 'x',
    });
    expect(rulesSearch({ q: '', level: 'huge', enabled: 'maybe', rule: ['a'] })).toEqual({});
  });

  it('becomes the query of the server', () => {
    expect(rulesQuery({ q: 'x', enabled: 'no', rule: 'r' })).toEqual({ q: 'x', enabled: false, level: undefined, product: undefined });
    expect(rulesQuery({})['enabled']).toBeUndefined();
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
