/** Where engines disagree about expressions, numbers, dates, networks, placeholders: each test names the section of the specification (2.1) that decides, and quotes it. */
import { describe, expect, it } from 'vitest';
import { compileRules } from '../../index.ts';
import { anything, failureOf, onlyRule, ruleText, selects } from '../support.ts';

describe('Modifiers Appendix: Regular Expression', () => {
  it('m: "^ / $ match the start/end of line", s: dot matches the newline', () => {
    expect(selects("Text|re: '^two$'", { Text: 'one\ntwo\nthree' })).toBe(false);
    expect(selects("Text|re|m: '^two$'", { Text: 'one\ntwo\nthree' })).toBe(true);
    expect(selects("Text|re: 'one.two'", { Text: 'one\ntwo' })).toBe(false);
    expect(selects("Text|re|s: 'one.two'", { Text: 'one\ntwo' })).toBe(true);
    expect(selects("Text|re|i|s: 'ONE.two'", { Text: 'one\nTWO' })).toBe(true);
  });
  it('"Other metacharacters are unsupported and can not be used"', () => {
    for (const pattern of ['(?=a)b', '(a)\\1', '(?<!x)y', '(?>a)b', 'a++'])
      expect(failureOf(ruleText(`    s:\n        F|re: '${pattern}'\n    condition: s`))).toMatch(/^SIGMA_REGEX /);
  });
});

describe('Modifiers Appendix: Numeric, Time and IP Modifiers', () => {
  it('gt, gte, lt, lte compare numbers, also when written as text; what is no number never passes', () => {
    expect(selects('Size|gt: 10', { Size: 11 })).toBe(true);
    expect(selects('Size|gt: 10', { Size: '10' })).toBe(false);
    expect(selects('Size|gte: 10', { Size: '10' })).toBe(true);
    expect(selects('Size|lt: 0.5', { Size: '0.25' })).toBe(true);
    expect(selects('Size|lte: -1', { Size: -1 })).toBe(true);
    for (const value of ['', 'x', null, true, '0x10']) expect(selects('Size|gte: 0', { Size: value })).toBe(false);
  });
  it('minute, hour, day, week, month, year take a number from a date as it is written', () => {
    const event = { Time: '2026-11-22T04:15:30.000+07:00' };
    for (const [part, value] of Object.entries({ minute: 15, hour: 4, day: 22, week: 47, month: 11, year: 2026 }))
      expect(selects(`Time|${part}: ${value}`, event)).toBe(true);
    expect(selects('Time|hour|lt: 6', event)).toBe(true);
    expect(selects('Time|hour: 4', { Time: 'yesterday' })).toBe(false);
  });
  it('cidr: "Supports both IPv4 and IPv6 notations"', () => {
    expect(selects('Ip|cidr: 10.0.0.0/8', { Ip: '10.255.0.1' })).toBe(true);
    expect(selects('Ip|cidr: 10.0.0.0/8', { Ip: '11.0.0.1' })).toBe(false);
    expect(selects("Ip|cidr: ['192.168.0.0/16', 'fe80::/10']", { Ip: 'fe80::1' })).toBe(true);
    expect(selects('Ip|cidr: ::1/128', { Ip: '0:0:0:0:0:0:0:1' })).toBe(true);
    expect(selects('Ip|cidr: 172.16.0.0/12', { Ip: '172.32.0.1' })).toBe(false);
    for (const value of ['', '10', '10.0.0', '10.0.0.256', 'x', null, 167772161])
      expect(selects('Ip|cidr: 10.0.0.0/8', { Ip: value })).toBe(false);
  });
});

describe('Placeholders', () => {
  it('"only handled if the expand modifier is applied"', () => expect(selects("User: '%Admins%'", { User: '%admins%' })).toBe(true));
  it('become the values given, joined with or, wildcards included', () => {
    expect(selects("Host|expand: '%Servers%.local'", { Host: 'srv1.local' }, { Servers: ['srv*', 'dc'] })).toBe(true);
    expect(selects("Host|expand: '%Servers%.local'", { Host: 'pc.local' }, { Servers: ['srv*', 'dc'] })).toBe(false);
  });
  it('"A plain percent character can be used by escaping it"', () =>
    expect(selects(String.raw`Host|expand: '\%plain%name%'`, { Host: '%plainx' }, { name: ['x'] })).toBe(true));
});

describe('Time Modifiers: "It is not designed to handle timezone or format conversions"', () => {
  const text = '2026-01-01T00:59:30.000Z';
  it.each<[string, unknown, boolean]>([
    ['T|minute: 59', text, true],
    ['T|minute|gte: 59', text, true],
    ['T|minute: 0', text, false],
    ['T|hour: 0', text, true],
    // The hour is the one that is written, in whatever zone it was written.
    ['T|hour: 23', '2026-01-01 23:10:00+07:00', true],
    ['T|hour: 16', '2026-01-01 23:10:00+07:00', false],
    ['T|hour: 7', '2026-01-01', false],
    ['T|day: 1', text, true],
    ['T|day: 01', text, true],
    ['T|week: 1', text, true],
    ['T|week: 53', '2027-01-01', true],
    ['T|week: 52', '2027-12-31', true],
    ['T|month: 1', text, true],
    ['T|month|lt: 1', text, false],
    ['T|year: 2026', text, true],
    ['T|year|gt: 2025', text, true],
    ['T|year|neq: 2026', text, false],
    ['T|year: [2025, 2026]', text, true],
    ['T|year: 2026', ['x', text], true],
    ['T|year: 1767225570', 1_767_225_570, false],
    ['T|year: 2026', '01/01/2026', false],
    ['T|year|neq: 2026', 'no date', true],
  ])('%s on %j is %s', (selection, value, expected) => expect(selects(selection, { T: value })).toBe(expected));
});

describe('Numeric Modifiers: "can only be applied to numeric values"', () => {
  it.each<[string, unknown, boolean]>([
    ['N|gt: 1', '1.5', true],
    ['N|gt: 1', ' 2 ', true],
    ['N|gt: 1', '2e0', true],
    ['N|lt: 1', '-0.5', true],
    ['N|gte: 1', [0, 1], true],
    ['N|lt: 5', 'five', false],
    ['N|lt: 5', '', false],
    ['N|lt: 5', null, false],
    ['N|lt: 5', false, false],
    ['N|lt: 1', 'Infinity', false],
    ['N|gt: [10, 1]', 5, true],
    ['N|gt|all: [10, 1]', 5, false],
    ['N|gt|neq: 3', 4, false],
    ['N|gt|neq: 3', 3, true],
    ["N|gt: '3'", 4, true],
  ])('%s on %j is %s', (selection, value, expected) => expect(selects(selection, { N: value })).toBe(expected));
});

describe('Regular Expression: sub-modifiers and what they leave alone', () => {
  it.each<[string, string, boolean]>([
    ["F|re: 'abc$'", 'xABC', false],
    ["F|re|i: 'abc$'", 'xABC', true],
    ["F|re|i: 'đặng'", 'ĐẶNG', true],
    ["F|re: '^b'", 'a\nb', false],
    ["F|re|m: '^b'", 'a\nb', true],
    ["F|re|s: 'a.b'", 'a\nb', true],
    ["F|re: 'a.b'", 'a\nb', false],
    ["F|re|i|m|s: '^B.C$'", 'a\nb\nc', true],
    ["F|re: 'a*'", '', true],
    ["F|re: '^$'", '', true],
    ["F|re: 'a|b'", 'xbx', true],
    ["F|re: '^(a|b){2}[^c-e]?$'", 'abz', true],
    ["F|re: '*'", 'x', false],
  ])('%s on %j is %s', (selection, text, expected) => {
    if (selection.includes("'*'")) expect(failureOf(ruleText(`    s:\n        ${selection}\n    condition: s`))).toMatch(/^SIGMA_REGEX/);
    else expect(selects(selection, { F: text })).toBe(expected);
  });
  it('of several any matches, with all each of them does, with neq none', () => {
    expect(selects("F|re: ['^x', 'y$']", { F: 'ay' })).toBe(true);
    expect(selects("F|re|all: ['^x', 'y$']", { F: 'ay' })).toBe(false);
    expect(selects("F|re|neq: ['^x', 'y$']", { F: 'ay' })).toBe(false);
  });
  it('looks at numbers and truth values as texts', () => expect(selects("F|re: '^4[67]88$'", { F: 4688 })).toBe(true));
});

describe('Placeholders: "only handled if the expand modifier is applied"', () => {
  const given = { Admins: ['root', 'adm*'], Empty: [] };
  it('several in one value make every combination', () => {
    for (const user of ['root/root', 'adm1/ROOT']) expect(selects("U|expand: '%Admins%/%Admins%'", { U: user }, given)).toBe(true);
    expect(selects("U|expand: '%Admins%/%Admins%'", { U: 'root/bob' }, given)).toBe(false);
  });
  it('stand with other modifiers and in lists', () => {
    expect(selects("U|contains|expand: ['%Admins%', 'x']", { U: 'the ROOT user' }, given)).toBe(true);
    expect(selects("U|expand|neq: '%Admins%'", { U: 'bob' }, given)).toBe(true);
  });
  it('"it must reject the rule" that has no values', () => {
    for (const name of ['Unknown', 'Empty', 'constructor'])
      expect(
        compileRules([onlyRule(ruleText(`    s:\n        U|expand: '%${name}%'\n    condition: s`))], {
          pipelines: anything,
          placeholders: given,
        }).unusable[0],
      ).toMatchObject({
        code: 'SIGMA_PLACEHOLDER',
      });
  });
});
