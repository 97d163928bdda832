/** Where engines disagree about conditions, lists, maps, keywords: each test names the section of the specification (2.1) that decides, and quotes it. */
import { describe, expect, it } from 'vitest';
import { failureOf, matches, ruleText, selects } from '../support.ts';

describe('Condition: negation over fields that are not there', () => {
  const detection =
    "    selection:\n        EventID: 1\n    filter:\n        User|contains: 'admin'\n    condition: selection and not filter";
  it('a selection on an absent field does not hold, so its negation does', () => {
    expect(matches(detection, { EventID: 1 })).toBe(true);
    expect(matches(detection, { EventID: 1, User: 'the administrator' })).toBe(false);
  });
  it('neq: "The field is different from the specified values" holds where the field has no such value', () => {
    expect(selects('Port|neq: 443', { Port: 80 })).toBe(true);
    expect(selects('Port|neq: 443', { Port: '443' })).toBe(false);
    expect(selects('Port|neq: [80, 443]', { Port: 80 })).toBe(false);
    expect(selects('Port|neq: 443', { Other: 1 })).toBe(true);
    expect(selects("Image|endswith|neq: '.exe'", { Image: 'a.dll' })).toBe(true);
  });
});

describe('Keywords search: "searching for keywords across an entire event"', () => {
  it('finds each anywhere in any value, and numbers as texts', () => {
    const event = { a: { b: ['x', 'run event::clear now'] }, n: 4711 };
    expect(matches("    keywords:\n        - 'Event::Clear'\n        - 'zzz'\n    condition: keywords", event)).toBe(true);
    expect(matches('    keywords:\n        - 4711\n    condition: keywords', event)).toBe(true);
    expect(matches("    keywords:\n        - 'run*now'\n    condition: keywords", event)).toBe(true);
    expect(matches("    keywords:\n        - 'b'\n    condition: keywords", { b: 'x' })).toBe(false);
  });
  it("'|all' joins them with and, over different values", () => {
    const detection = "    keywords:\n        '|all':\n            - 'one'\n            - 'two'\n    condition: keywords";
    expect(matches(detection, { a: 'has one', b: 'has two' })).toBe(true);
    expect(matches(detection, { a: 'has one' })).toBe(false);
  });
  it('a detection may be one text', () =>
    expect(matches("    keywords: 'needle'\n    condition: keywords", { a: 'a needle.' })).toBe(true));
});

describe('Lists and Maps', () => {
  it('"All map items of a list are logically linked with OR", "All elements of a map are joined with a logical AND"', () => {
    const selection = "- Image|endswith: '\\example.exe'\n  User: bob\n- Description|contains: 'Test executable'";
    expect(selects(selection, { Image: 'C:\\example.exe', User: 'BOB' })).toBe(true);
    expect(selects(selection, { Image: 'C:\\example.exe', User: 'eve' })).toBe(false);
    expect(selects(selection, { Description: 'a test executable' })).toBe(true);
  });
  it('a list of values in the event passes when one of them does', () => {
    expect(selects("Groups: 'admins'", { Groups: ['users', 'admins'] })).toBe(true);
    expect(selects('A.B: 1', { A: [{ B: 2 }, { B: 1 }] })).toBe(true);
    expect(selects('A.B: 1', { 'A.B': 1 })).toBe(true);
  });
});

describe('Condition', () => {
  const abc = '    a: {F: 1}\n    b: {G: 1}\n    sel_c: {H: 1}\n    sel_d: {I: 1}\n    _hidden: {J: 1}\n    condition: ';
  it.each<[string, object, boolean]>([
    ['a or b and sel_c', { F: 1 }, true],
    ['a or b and sel_c', { G: 1 }, false],
    ['(a or b) and sel_c', { F: 1 }, false],
    ['not a and b', { G: 1 }, true],
    ['not not a', { F: 1 }, true],
    ['not (a or b)', {}, true],
    ['1 of sel_*', { I: 1 }, true],
    ['all of sel_*', { I: 1 }, false],
    ['all of sel_*', { H: 1, I: 1 }, true],
    ['2 of them', { F: 1, I: 1 }, true],
    ['2 of them', { F: 1 }, false],
    ['1 of them', { J: 1 }, false],
    ['all of them', { F: 1, G: 1, H: 1, I: 1 }, true],
    ['a and not 1 of sel_*', { F: 1 }, true],
    ['a and not 1 of sel_*', { F: 1, H: 1 }, false],
    ['1 of *_c', { H: 1 }, true],
    ['A', { F: 1 }, false],
  ])('%s on %j is %s', (condition, event, expected) => {
    if (condition === 'A') expect(failureOf(ruleText(abc + condition))).toMatch(/^SIGMA_CONDITION/);
    else expect(matches(abc + condition, event)).toBe(expected);
  });
  it('"The condition can be a list … logically linked with OR"', () => {
    expect(matches('    a: {F: 1}\n    b: {G: 1}\n    condition:\n        - a\n        - b', { G: 1 })).toBe(true);
  });
});

describe('Condition: "across all defined search identifiers not starting with an underscore"', () => {
  const three = '    s1: {F: 1}\n    s2: {G: 1}\n    _x: {H: 1}\n    condition: ';
  it.each<[string, object, boolean]>([
    ['not 1 of them', {}, true],
    ['not 1 of them', { F: 1 }, false],
    ['not 1 of them', { H: 1 }, true],
    ['not all of them', { F: 1 }, true],
    ['not all of them', { F: 1, G: 1 }, false],
    ['1 of s* and not _x', { F: 1, H: 1 }, false],
    ['1 of *', { H: 1 }, false],
    ['1 of _*', { H: 1 }, true],
    ['any of them', { G: 1 }, true],
    ['ALL OF THEM', { F: 1, G: 1 }, true],
    ['s1 and not (s2 or _x)', { F: 1 }, true],
    ['not s1 or s2', { F: 1 }, false],
    ['((s1))', { F: 1 }, true],
  ])('%s on %j is %s', (condition, event, expected) => expect(matches(three + condition, event)).toBe(expected));
  it('of several conditions any may hold, and each is read on its own', () => {
    const detection = `${three}\n        - s1 and s2\n        - not s1 and _x`;
    expect(matches(detection, { F: 1, G: 1 })).toBe(true);
    expect(matches(detection, { H: 1 })).toBe(true);
    expect(matches(detection, { F: 1, H: 1 })).toBe(false);
  });
  it.each(['s1 s2', 'and', 's1 and', '(s1', 's1)', '1 of', '0 of them', '1 of nothing*', 'of them', 'not', '', 's1 | count() > 3'])(
    '%j is refused',
    (condition) => expect(failureOf(ruleText(`${three}'${condition}'`))).toMatch(/^SIGMA_CONDITION/),
  );
});

describe('Condition: negated selections over fields that are not there', () => {
  const negated = (selection: string): string =>
    `    base: {EventID: 1}\n    filter:\n        ${selection}\n    condition: base and not filter`;
  it.each([
    'F: x',
    "F|contains: ''",
    "F|re: '.*'",
    'F|cidr: 0.0.0.0/0',
    'F|gte: 0',
    'F|fieldref: EventID',
    'EventID|fieldref: F',
    'F|exists: true',
    "F: '*'",
    'F|hour: 1',
  ])('no test on an absent field holds, so the negation of %s does', (selection) =>
    expect(matches(negated(selection), { EventID: 1 })).toBe(true),
  );
  it.each(['F: null', 'F|exists: false', 'F|neq: x', 'F|fieldref|neq: EventID', 'F|gt|neq: 3'])(
    'but %s holds where the field is absent',
    (selection) => expect(matches(negated(selection), { EventID: 1 })).toBe(false),
  );
});

describe('Keywords search: lists of maps and of texts', () => {
  it('keywords keep their wildcards and escapes', () => {
    expect(matches("    k: ['a?c', 'x*z']\n    condition: k", { m: 'say abc' })).toBe(true);
    expect(matches(String.raw`    k: ['a\*c']` + '\n    condition: k', { m: 'abc' })).toBe(false);
    expect(matches(String.raw`    k: ['a\*c']` + '\n    condition: k', { m: 'xa*cx' })).toBe(true);
  });
  it('are not found across two values, nor in the names of fields', () => {
    expect(matches("    k: ['one two']\n    condition: k", { a: 'one ', b: 'two' })).toBe(false);
    expect(matches("    k: ['name']\n    condition: k", { name: 'x' })).toBe(false);
  });
  it('a list may mix maps of several fields', () =>
    expect(matches("    s:\n        - A: 1\n          B|contains: x\n        - C|re: '^y'\n    condition: s", { C: 'yes' })).toBe(true));
  it('a modifier applies to each keyword', () => {
    expect(matches("    k:\n        '|re': ['^ab$']\n    condition: k", { m: 'ab' })).toBe(true);
    expect(matches("    k:\n        '|cased': ['AB']\n    condition: k", { m: 'ab' })).toBe(false);
    expect(matches("    k:\n        '|windash': [' -a']\n    condition: k", { m: 'x /a' })).toBe(true);
  });
});
