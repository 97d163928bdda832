import { describe, expect, it } from 'vitest';
import { isUserName, passwordRules, safeTarget } from './rules.ts';

const broken = (password: string, name = 'ngoc.tran'): string[] =>
  passwordRules(password, name)
    .filter(({ met }) => !met)
    .map(({ id }) => id);

describe('password rules', () => {
  it.each([
    ['con mèo trên mái nhà', []],
    ['ngắn', ['length', 'varied']],
    ['aaaaaaaaaaaaaaaa', ['varied']],
    ['xin-Ngoc.Tran-2026', ['name']],
    ['Mật khẩu 123456', ['obvious']],
  ])('%s breaks %j', (password, expected) => {
    const found = broken(password);
    for (const rule of expected) expect(found).toContain(rule);
    if (expected.length === 0) expect(found).toEqual([]);
  });
});

it.each([
  ['/alerts?status=open', '/alerts?status=open'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['/sign-in?to=%2F', '/'],
  [undefined, '/'],
])('after signing in %s leads to %s, never to another site', (to, target) => expect(safeTarget(to)).toBe(target));

describe('user names', () => {
  it('are unaccented, lower-case and at least two characters', () => {
    expect(['ngoc.tran', 'a1', 'x_y-z'].filter(isUserName)).toHaveLength(3);
    expect(['Ngoc', 'mới', 'a', '.a', 'ngoc tran', 'a'.repeat(64)].filter(isUserName)).toEqual([]);
  });
});
