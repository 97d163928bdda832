/** Where engines disagree: each test names the section of the specification (2.1) that decides, and quotes it. */
import { describe, expect, it } from 'vitest';
import { failureOf, matches, ruleText, selects } from './support.ts';

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

describe('windash: "converts the aforementioned characters interchangeably and uses all possible permutation"', () => {
  it.each(['-', '/', '\u2013', '\u2014', '\u2015'])('a rule written with any dash finds %s', (dash) => {
    expect(selects("CommandLine|contains|windash: ' -accepteula'", { CommandLine: `psexec ${dash}accepteula` })).toBe(true);
    expect(selects("CommandLine|contains|windash: ' /accepteula'", { CommandLine: `psexec ${dash}AcceptEula` })).toBe(true);
  });
  it('several dashes vary each on their own', () => {
    expect(selects("CommandLine|contains|windash: ' -a -b'", { CommandLine: 'x /a \u2013b' })).toBe(true);
  });
  it('without it a dash is a dash', () => {
    expect(selects("CommandLine|contains: ' -a'", { CommandLine: 'x /a' })).toBe(false);
  });
});

describe('fieldref: "compare fields of matched events directly"', () => {
  it('compares like any value, ignoring case', () => {
    expect(selects('A|fieldref: B', { A: 'Host', B: 'hOST' })).toBe(true);
    expect(selects('A|fieldref|cased: B', { A: 'Host', B: 'hOST' })).toBe(false);
    expect(selects('A|fieldref: B', { A: 1, B: '1' })).toBe(true);
  });
  it('never holds when either field is absent or null', () => {
    for (const event of [{ A: 'x' }, { B: 'x' }, {}, { A: null, B: null }]) expect(selects('A|fieldref: B', event)).toBe(false);
  });
  it('takes startswith, endswith, contains and neq', () => {
    expect(selects('A|fieldref|startswith: B', { A: 'abc', B: 'ab' })).toBe(true);
    expect(selects('A|fieldref|endswith: B', { A: 'abc', B: 'BC' })).toBe(true);
    expect(selects('A|fieldref|contains: B', { A: 'abcd', B: 'bc' })).toBe(true);
    expect(selects('A|fieldref|neq: B', { A: 'x', B: 'y' })).toBe(true);
  });
  it('reads the other field as it is, wildcards and all', () => {
    expect(selects('A|fieldref: B', { A: 'abc', B: 'a*' })).toBe(false);
    expect(selects('A|fieldref: B', { A: 'a*', B: 'a*' })).toBe(true);
  });
});

describe('Modifiers Appendix: Generic Modifiers', () => {
  it('all: "changes this to AND"', () => {
    const selection = "CommandLine|contains|all:\n    - 'one'\n    - 'two'";
    expect(selects(selection, { CommandLine: 'two one' })).toBe(true);
    expect(selects(selection, { CommandLine: 'one' })).toBe(false);
  });
  it('cased: "Values are applied case sensitively"', () => {
    expect(selects("Name|cased: 'Abc*'", { Name: 'Abcd' })).toBe(true);
    expect(selects("Name|contains|cased: 'Abc'", { Name: 'xabc' })).toBe(false);
  });
  it('startswith, endswith, contains stand for wildcards and keep those inside', () => {
    expect(selects("Name|startswith: 'a*c'", { Name: 'abbcd' })).toBe(true);
    expect(selects("Name|endswith: 'b?d'", { Name: 'abcd' })).toBe(true);
    expect(selects("Name|contains: ''", { Name: 'x' })).toBe(true);
    expect(selects("Name|contains: ''", { Other: 'x' })).toBe(false);
  });
});

describe('Modifiers Appendix: Encoding', () => {
  it('base64 encodes the value', () => expect(selects("Data|base64: 'hello'", { Data: 'aGVsbG8=' })).toBe(true));
  it('base64offset finds the value at each of three alignments, by what the bytes around it cannot change', () => {
    for (const before of ['', 'x', 'xy', 'xyz'])
      for (const after of ['', '!', '!!', '\u00FF\u00FF'])
        expect(
          selects("Data|base64offset|contains: 'http://'", { Data: Buffer.from(`${before}http://${after}`, 'latin1').toString('base64') }),
        ).toBe(true);
  });
  it('wide and utf16le, utf16be, utf16 encode before base64', () => {
    const le = Buffer.from('cmd', 'utf16le');
    const be = Buffer.from([0, 0x63, 0, 0x6d, 0, 0x64]);
    expect(selects("Data|wide|base64: 'cmd'", { Data: le.toString('base64') })).toBe(true);
    expect(selects("Data|utf16le|base64: 'cmd'", { Data: le.toString('base64') })).toBe(true);
    expect(selects("Data|utf16be|base64: 'cmd'", { Data: be.toString('base64') })).toBe(true);
    expect(selects("Data|utf16|base64: 'cmd'", { Data: Buffer.concat([Buffer.from([0xff, 0xfe]), le]).toString('base64') })).toBe(true);
    expect(selects("Data|wide|base64offset|contains: 'Invoke'", { Data: Buffer.from('x Invoke-X', 'utf16le').toString('base64') })).toBe(
      true,
    );
  });
  it('a text outside ASCII is encoded as UTF-8', () =>
    expect(selects("Data|base64: 'đặng'", { Data: Buffer.from('đặng').toString('base64') })).toBe(true));
});

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
