/** Where engines disagree about modifiers of texts, encodings, references to fields: each test names the section of the specification (2.1) that decides, and quotes it. */
import { describe, expect, it } from 'vitest';
import { failureOf, ruleText, selects } from '../support.ts';

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

describe('windash: "all possible permutation of strings in the selection"', () => {
  it('works with every place of the value, with all and with neq', () => {
    expect(selects("C|windash: '-a'", { C: '/A' })).toBe(true);
    expect(selects("C|startswith|windash: '/a'", { C: '\u2014a b' })).toBe(true);
    expect(selects("C|endswith|windash: ' -q'", { C: 'x \u2015Q' })).toBe(true);
    expect(selects("C|contains|windash|all: [' -a', ' /b']", { C: 'x /a -b' })).toBe(true);
    expect(selects("C|contains|windash|neq: ' -a'", { C: 'x /a' })).toBe(false);
  });
  it('changes dashes inside words, too, and nothing else', () => {
    expect(selects("C|contains|windash: 'a-b'", { C: 'a/b' })).toBe(true);
    expect(selects("C|contains|windash: 'a-b'", { C: 'a b' })).toBe(false);
    expect(selects("C|contains|windash: 'a\u2010b'", { C: 'a-b' })).toBe(false);
  });
  it('before an encoding makes every way to write the dashes', () =>
    expect(selects("C|windash|base64offset|contains: ' -enc'", { C: Buffer.from('x /enc y').toString('base64') })).toBe(true));
});

describe('"The value modifiers are applied in the given order to the value"', () => {
  it('wide before base64 is not base64 before wide', () => {
    expect(selects("D|wide|base64: 'ab'", { D: 'YQBiAA==' })).toBe(true);
    expect(selects("D|base64|wide: 'ab'", { D: 'Y\0W\0I\0=\0' })).toBe(true);
  });
  it.each([
    "F|contains|startswith: 'a'",
    "F|re|contains: 'a'",
    'F|gt|lt: 1',
    "F|cidr|cased: '10.0.0.0/8'",
    'F|hour|day: 1',
    "F|all|all: ['a']",
    'F|exists|cased: true',
    "F|m: 'a'",
  ])('%s is refused', (item) => expect(failureOf(ruleText(`    s:\n        ${item}\n    condition: s`))).toMatch(/^SIGMA_MODIFIER/));
  it('cased asks for the case of the text between wildcards as well', () => {
    expect(selects("F|cased: 'A*b?C'", { F: 'Axxbyc' })).toBe(false);
    expect(selects("F|cased: 'A*b?C'", { F: 'AxxbyC' })).toBe(true);
    expect(selects("F|cased|windash: '-Ab'", { F: '/Ab' })).toBe(true);
    expect(selects("F|cased|windash: '-Ab'", { F: '/ab' })).toBe(false);
  });
});

describe('fieldref: either field absent, several values, with its own transforms', () => {
  it.each([{}, { A: 'x' }, { B: 'x' }, { A: null, B: 'x' }, { A: 'x', B: null }, { A: [], B: [] }])(
    'does not hold on %j, in any place',
    (event) => {
      for (const position of ['', '|contains', '|startswith', '|endswith', '|cased'])
        expect(selects(`A|fieldref${position}: B`, event)).toBe(false);
      expect(selects('A|fieldref|neq: B', event)).toBe(true);
    },
  );
  it('of lists any value against any other', () => expect(selects('A|fieldref: B', { A: ['x', 'y'], B: ['z', 'Y'] })).toBe(true));
  it('of two empty texts holds', () => expect(selects('A|fieldref: B', { A: '', B: '' })).toBe(true));
  it('of a field of the same name or a nested one', () => {
    expect(selects('A|fieldref: A', { A: 'x' })).toBe(true);
    expect(selects('A|fieldref|endswith: B.C', { A: 'host.example', B: { C: '.EXAMPLE' } })).toBe(true);
  });
  it('several fields may be named', () => expect(selects('A|fieldref: [B, C]', { A: 1, B: 2, C: 1 })).toBe(true));
});
