import { describe, expect, it } from 'vitest';
import type { UserView } from '@vong/platform/identity';
import { auditQuery, auditSearch, below, isPersonName, itemSearch, partsFor, personState, suggestName, within } from './view.ts';

const agencies = [
  { code: 'vn', name: { vi: 'Việt Nam', en: 'Viet Nam' }, kind: 'nation' as const, parent: null, path: ['vn'] },
  { code: 'dn', name: { vi: 'Đà Nẵng', en: 'Da Nang' }, kind: 'province' as const, parent: 'vn', path: ['vn', 'dn'] },
  { code: 'hv', name: { vi: 'Hòa Vang', en: 'Hoa Vang' }, kind: 'unit' as const, parent: 'dn', path: ['vn', 'dn', 'hv'] },
];
const person: UserView = {
  id: 'p',
  name: 'ngoc.tran',
  displayName: 'Trần Thị Ngọc',
  role: 'analyst',
  agency: 'dn',
  language: 'vi',
  theme: 'auto',
  disabled: false,
  createdAt: 1,
};

describe('what a role is offered', () => {
  it('is what the server lets it see', () => {
    expect(partsFor('administrator')).toEqual(['profile', 'agencies', 'people', 'keys', 'audit']);
    expect(partsFor('analyst')).toEqual(['profile', 'agencies', 'people']);
    expect(partsFor('auditor')).toEqual(['profile', 'agencies', 'people', 'audit']);
  });
});

describe('the URLs', () => {
  it('keep what is valid and drop the rest', () => {
    expect(itemSearch({ q: 'a', item: 'b', c: 1 })).toEqual({ q: 'a', item: 'b' });
    expect(auditSearch({ actor: 'x', range: '24h', entry: {} })).toEqual({ actor: 'x', range: '24h' });
    expect(auditSearch({ range: '1y' })).toEqual({});
  });

  it('become the query of the trail', () => {
    expect(auditQuery({ action: 'user', range: '1h' }, 3_600_001)).toMatchObject({ action: 'user', from: 1 });
    expect(auditQuery({}, 5)['from']).toBeUndefined();
  });
});

const find = (agency: string | undefined, q = ''): number => within([person], { agency, q, agencies }, (one) => one.displayName).length;

describe('a person', () => {
  it('is disabled before locked, locked before never seen', () => {
    expect(personState({ ...person, disabled: true, lockedUntil: 9 })).toBe('disabled');
    expect(personState({ ...person, lockedUntil: 9 })).toBe('locked');
    expect(personState(person)).toBe('invited');
    expect(personState({ ...person, lastSignInAt: 2 })).toBe('active');
  });

  it('gets a sign-in name the server takes', () => {
    expect(suggestName('Trần Thị Ngọc')).toBe('ngoc.tran');
    expect(suggestName('Đỗ')).toBe('do');
    expect(isPersonName(suggestName('Trần Thị Ngọc'))).toBe(true);
    expect(['', 'a', 'A.b', '-a', 'ngọc'].map(isPersonName)).toEqual(Array(5).fill(false));
  });

  it('is found at and below an agency, with or without marks', () => {
    expect([find('vn'), find('dn'), find('hv'), find(undefined, 'tran'), find(undefined, 'NGỌC'), find(undefined, 'x')]).toEqual([
      1, 1, 0, 1, 1, 0,
    ]);
  });
});

it('an agency is never moved below itself', () => {
  expect([...below(agencies, 'dn')]).toEqual(['dn', 'hv']);
});
