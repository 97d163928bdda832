/** Where engines disagree about values: texts, wildcards, numbers, null, what is not there: each test names the section of the specification (2.1) that decides, and quotes it. */
import { describe, expect, it } from 'vitest';
import { matches, selects } from '../support.ts';

describe('General: "All values are treated as case-insensitive strings"', () => {
  it('compares numbers, truth values and texts as texts', () => {
    expect(selects('EventID: 4688', { EventID: '4688' })).toBe(true);
    expect(selects("EventID: '4688'", { EventID: 4688 })).toBe(true);
    expect(selects('Initiated: true', { Initiated: 'True' })).toBe(true);
    expect(selects("Initiated: 'true'", { Initiated: true })).toBe(true);
    expect(selects('EventID: 1', { EventID: '1.0' })).toBe(false);
  });
  it('ignores case in every alphabet', () => {
    expect(selects('Name: ĐẶNG', { Name: 'đặng' })).toBe(true);
    expect(selects('Name|contains: σας', { Name: 'ΓΕΙΑ ΣΑΣ' })).toBe(true);
    expect(selects('Name|endswith: ς', { Name: 'ΣΑΣ' })).toBe(true);
  });
  it('"Regular expressions are case-sensitive by default"', () => {
    expect(selects("Name|re: 'abc'", { Name: 'ABC' })).toBe(false);
    expect(selects("Name|re|i: 'abc'", { Name: 'ABC' })).toBe(true);
  });
});

describe('String Wildcard and Escape Character', () => {
  it('"? to replace a single mandatory character", "* to replace an unbounded length wildcard"', () => {
    expect(selects('Image: prog?.exe', { Image: 'progA.exe' })).toBe(true);
    expect(selects('Image: prog?.exe', { Image: 'prog.exe' })).toBe(false);
    expect(selects('Image: antivirus_V*.exe', { Image: 'antivirus_V21.2.1.exe' })).toBe(true);
    expect(selects('Image: a*b*c', { Image: 'abbc' })).toBe(true);
    expect(selects('Image: a*b*c', { Image: 'acb' })).toBe(false);
    expect(selects("Image: '*'", { Image: '' })).toBe(true);
    expect(selects("Image: '*'", { Image: null })).toBe(false);
  });
  it('"A wildcard has to be escaped to be handled as a plain character"', () => {
    expect(selects(String.raw`Path: 'a\*b'`, { Path: 'a*b' })).toBe(true);
    expect(selects(String.raw`Path: 'a\*b'`, { Path: 'axb' })).toBe(false);
    expect(selects(String.raw`Path: 'a\?b'`, { Path: 'a?b' })).toBe(true);
    expect(selects(String.raw`Path: 'a\?b'`, { Path: 'axb' })).toBe(false);
  });
  it('"The backslash before a wildcard has to be escaped": two backslashes and a star are a backslash and a wildcard', () => {
    expect(selects(String.raw`Path: 'C:\\*'`, { Path: 'C:\\Windows' })).toBe(true);
    expect(selects(String.raw`Path: 'C:\\*'`, { Path: 'C:*' })).toBe(false);
  });
  it('"Three backslashes are necessary to escape both"', () => {
    expect(selects(String.raw`Path: 'C:\\\*'`, { Path: 'C:\\*' })).toBe(true);
    expect(selects(String.raw`Path: 'C:\\\*'`, { Path: 'C:\\x' })).toBe(false);
  });
  it('"Three or four backslashes are handled as double backslash", one or two as one', () => {
    for (const written of [String.raw`\\\share`, String.raw`\\\\share`])
      expect(selects(`Path: '${written}'`, { Path: String.raw`\\share` })).toBe(true);
    for (const written of [String.raw`a\b`, String.raw`a\\b`]) expect(selects(`Path: '${written}'`, { Path: String.raw`a\b` })).toBe(true);
  });
});

describe('Special Field Values: "An empty value is defined with \'\'", "A null value is defined with null"', () => {
  const isNull = 'Field: null';
  const isEmpty = "Field: ''";
  it('null is null and what is not there; it is not the empty text', () => {
    expect(selects(isNull, { Field: null })).toBe(true);
    expect(selects(isNull, { Other: 1 })).toBe(true);
    expect(selects(isNull, { Field: '' })).toBe(false);
    expect(selects(isNull, { Field: 'null' })).toBe(false);
  });
  it('the empty text is only itself', () => {
    expect(selects(isEmpty, { Field: '' })).toBe(true);
    expect(selects(isEmpty, { Field: null })).toBe(false);
    expect(selects(isEmpty, { Other: 1 })).toBe(false);
    expect(selects(isEmpty, { Field: ' ' })).toBe(false);
  });
  it('"not null" is a negated selection of its own', () => {
    const detection =
      '    selection:\n        EventID: 4738\n    filter:\n        PasswordLastSet: null\n    condition: selection and not filter';
    expect(matches(detection, { EventID: 4738, PasswordLastSet: 'x' })).toBe(true);
    expect(matches(detection, { EventID: 4738 })).toBe(false);
  });
});

describe('Field Existence: "only verifies the presence of a field, not its value, be it empty or null"', () => {
  it.each([[''], [null], ['x'], [0], [false]])('%j exists', (value) => {
    expect(selects('Field|exists: true', { Field: value })).toBe(true);
    expect(selects('Field|exists: false', { Field: value })).toBe(false);
  });
  it('what is not there does not', () => {
    expect(selects('Field|exists: true', { Other: 1 })).toBe(false);
    expect(selects('Field|exists: false', { Other: 1 })).toBe(true);
    expect(selects('constructor|exists: true', { Other: 1 })).toBe(false);
    expect(selects('__proto__|exists: true', { Other: 1 })).toBe(false);
  });
});

describe('Field Usage: field names are what the log source calls them', () => {
  it('nested fields are paths with dots, or one name that holds dots; lists on the way are walked through', () => {
    expect(selects('A.B.C: x', { A: { B: { C: 'x' } } })).toBe(true);
    expect(selects('A.B.C: x', { 'A.B.C': 'x' })).toBe(true);
    expect(selects('A.B.C: x', { A: [{ B: { C: 'y' } }, { B: [{ C: 'x' }] }] })).toBe(true);
    expect(selects('A.B.C: x', { A: { 'B.C': 'x' } })).toBe(false);
  });
  it('a list in the event passes when one of its values does, and all of a rule may be met by different ones', () => {
    expect(selects("Groups|contains|all: ['adm', 'sup']", { Groups: ['admins', 'support'] })).toBe(true);
    expect(selects("Groups|contains|all: ['adm', 'sup']", { Groups: ['admins'] })).toBe(false);
    expect(selects('Groups: null', { Groups: [] })).toBe(true);
    expect(selects('Groups: null', { Groups: ['x', null] })).toBe(true);
    expect(selects('Groups|exists: true', { Groups: [] })).toBe(true);
  });
  it('an object as a value is its JSON text', () => expect(selects(`Data|contains: '"k":1'`, { Data: { k: 1 } })).toBe(true));
});

describe('Maps: "the value is a string or integer value"; numbers and truth values as the rule writes them', () => {
  it.each<[string, unknown, boolean]>([
    ['F: 0', 0, true],
    ['F: 0', '0', true],
    ['F: 0', false, false],
    ['F: 0', '', false],
    ['F: false', 'FALSE', true],
    ['F: false', 0, false],
    ['F: 1.5', '1.5', true],
    ["F: '007'", 7, false],
    ["F: '*5'", 1005, true],
    ['F|contains: 0', 1005, true],
    ['F|startswith: tr', true, true],
  ])('%s on %j is %s', (selection, value, expected) => expect(selects(selection, { F: value })).toBe(expected));
});

describe('Special Field Values: null, missing and empty under a negation', () => {
  const notEmpty = (value: string): string =>
    `    selection:\n        EventID: 1\n    filter:\n        F: ${value}\n    condition: selection and not filter`;
  it.each<[object, boolean, boolean]>([
    [{}, false, true],
    [{ F: null }, false, true],
    [{ F: '' }, true, false],
    [{ F: 'x' }, true, true],
  ])('%j: not null is %s, not empty is %s', (event, notNull, full) => {
    expect(matches(notEmpty('null'), { EventID: 1, ...event })).toBe(notNull);
    expect(matches(notEmpty("''"), { EventID: 1, ...event })).toBe(full);
  });
  it('"1 of selection_empty*" with one selection for each of them finds all three', () => {
    const detection = "    selection_empty1:\n        F: ''\n    selection_empty2:\n        F: null\n    condition: 1 of selection_empty*";
    for (const event of [{}, { F: null }, { F: '' }]) expect(matches(detection, event)).toBe(true);
    expect(matches(detection, { F: ' ' })).toBe(false);
  });
});

describe('String Wildcard: wildcards inside a value', () => {
  it.each<[string, string, boolean]>([
    ['a*', 'a', true],
    ['a?', 'a', false],
    ['*a*b*', 'xxaxxbxx', true],
    ['*a*b*', 'ba', false],
    ['a**b', 'ab', true],
    ['??', 'ab', true],
    ['??', 'a', false],
    ['a*a', 'a', false],
    ['a*ab', 'aab', true],
    ['ab*ba', 'aba', false],
    ['a*\n*b', 'a\nb', true],
    ['C:\\Users\\\\*\\AppData\\\\*.exe', 'c:\\users\\bob\\appdata\\x\\y.EXE', true],
    ['C:\\Users\\\\?\\x', 'C:\\Users\\ab\\x', false],
  ])('%j on %j is %s', (pattern, text, expected) => {
    expect(selects(`F: ${JSON.stringify(pattern)}`, { F: text })).toBe(expected);
    if (expected) expect(selects(`F|contains: ${JSON.stringify(pattern)}`, { F: `[${text}]` })).toBe(true);
  });
  it('"? to replace a single mandatory character": a letter beyond 16 bits is two units of UTF-16', () =>
    expect(selects('F: a??b', { F: 'a𐐀b' })).toBe(true));
});

describe('General: other cases of odd letters', () => {
  it.each<[string, string, boolean]>([
    ['\u212A', 'k', true],
    ['İ', 'İ', true],
    ['i', 'İ', false],
    ['straße', 'STRASSE', false],
    ['STRAẞE', 'straße', true],
    ['𐐀', '𐐨', true],
    ['ẶNG', 'ặng', true],
    ['ς', 'Σ', true],
  ])('%s on %s is %s', (value, text, expected) => {
    for (const modifier of ['', '|contains', '|startswith', '|endswith'])
      expect(selects(`F${modifier}: '${value}'`, { F: text })).toBe(expected);
  });
});
