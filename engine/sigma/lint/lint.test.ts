import { describe, expect, it } from 'vitest';
import { anything, ourPipelines } from '../test/support.ts';
import { applyFixes, CHECKS, lintSigma, type Finding, type LintCode, type LintContext } from './index.ts';

const HEAD = `title: A rule
id: 9c1f3d9e-2c57-4a39-8a51-0a2f0a1c7f01
status: test
description: What it detects
references:
    - https://example.org/
`;
const TAIL = 'falsepositives:\n    - None known\nlevel: high\n';

interface Parts {
  head?: string;
  logsource?: string;
  detection?: string;
  tail?: string;
}
const DETECTION = "    sel:\n        Image|endswith: '\\whoami.exe'\n    condition: sel\n";
function rule({
  head = HEAD,
  logsource = '    product: windows\n    category: process_creation\n',
  detection = DETECTION,
  tail = TAIL,
}: Parts = {}): string {
  return `${head}logsource:\n${logsource}detection:\n${detection}${tail}`;
}
/** A rule of one detection with this item. */
const item = (line: string): string =>
  rule({ detection: `    sel:\n        ${line.replaceAll('\n', '\n        ')}\n    condition: sel\n` });
const tagged = (tag: string): string => rule({ tail: `${TAIL}tags:\n    - ${tag}\n` });
const condition = (text: string): string =>
  rule({ detection: `    sel_a:\n        User: 'a'\n    sel_b:\n        Image: 'b'\n    condition: ${text}\n` });
const correlation = (section: string): string => `${HEAD}correlation:\n    ${section.replaceAll('\n', '\n    ')}\n${TAIL}`;
const COUNT = 'type: event_count\nrules:\n    - known\ngroup-by:\n    - User\ntimespan: 10m\ncondition:\n    gte: 10';
const filter = (section: string): string =>
  `${HEAD}logsource:\n    product: windows\nfilter:\n    ${section.replaceAll('\n', '\n    ')}\n${TAIL}`;
const FILTER = "rules:\n    - known\nselection:\n    User: 'a'\ncondition: selection";

const CONTEXT: LintContext = { pipelines: ourPipelines(), today: '2026-11-22', knownRules: new Set(['known']) };

/** By code: what fires, what stays silent (several documents are several files), the place of the finding, and the text after the fix. */
const CASES: Readonly<Record<LintCode, { fires: string | string[]; silent: string | string[]; at?: [number, number]; becomes?: string }>> =
  {
    unreadable: { fires: 'title: [', silent: rule(), at: [1, 9] },
    'not-a-rule': { fires: 'just: this\n', silent: rule(), at: [1, 1] },
    'refused-rule': {
      fires: item("CommandLine|windash|base64offset|all:\n    - '-a'\n    - '-b'"),
      silent: item("CommandLine|contains|all:\n    - '-abc'\n    - '-bcd'"),
      at: [13, 13],
    },
    'trailing-space': { fires: rule().replace('high', 'high  '), silent: rule(), at: [16, 12], becomes: rule() },
    'line-ending': { fires: rule().replaceAll('\n', '\r\n'), silent: rule(), at: [1, 1], becomes: rule() },
    'missing-attribute': { fires: rule().replace('title: A rule\n', ''), silent: rule(), at: [1, 1] },
    'misspelt-attribute': { fires: rule().replace('falsepositives', 'falsepositive'), silent: rule(), at: [14, 1], becomes: rule() },
    'custom-attribute': { fires: `${rule()}simulation: 1\n`, silent: rule(), at: [17, 1] },
    'wrong-type': { fires: `${rule()}tags: attack.t1059\n`, silent: `${rule()}tags: [attack.t1059]\n`, at: [17, 7] },
    'too-long': { fires: rule().replace('A rule', 'x'.repeat(257)), silent: rule().replace('A rule', 'x'.repeat(256)), at: [1, 8] },
    'short-entry': { fires: rule().replace('None known', 'x'), silent: rule(), at: [15, 7] },
    'duplicate-entry': {
      fires: rule().replace('    - None known\n', '    - None known\n    - None known\n'),
      silent: rule(),
      at: [16, 7],
      becomes: rule(),
    },
    'unknown-word': { fires: rule().replace('high', 'High'), silent: rule(), at: [16, 8], becomes: rule() },
    'bad-id': { fires: rule().replace(/id: .*/, 'id: one'), silent: rule(), at: [2, 5] },
    'bad-date': {
      fires: `${rule()}date: 2024/1/31\n`,
      silent: `${rule()}date: 2024-02-29\n`,
      at: [17, 7],
      becomes: `${rule()}date: 2024-01-31\n`,
    },
    'future-date': { fires: `${rule()}date: 2026-11-23\n`, silent: `${rule()}date: 2026-11-22\n`, at: [17, 7] },
    'modified-before-date': {
      fires: `${rule()}date: 2024-02-02\nmodified: 2024-02-01\n`,
      silent: `${rule()}date: 2024-02-02\nmodified: 2024-02-02\n`,
      at: [18, 11],
    },
    'missing-level': { fires: rule().replace('level: high\n', ''), silent: rule(), at: [1, 1] },
    'missing-id': { fires: rule().replace(/id: .*\n/, ''), silent: rule(), at: [1, 1] },
    'missing-status': { fires: rule().replace('status: test\n', ''), silent: rule(), at: [1, 1] },
    'missing-description': { fires: rule().replace(/description: .*\n/, ''), silent: rule(), at: [1, 1] },
    'missing-references': { fires: rule().replace(/references:\n.*\n/, ''), silent: rule(), at: [1, 1] },
    'missing-falsepositives': { fires: rule().replace(/falsepositives:\n.*\n/, ''), silent: rule(), at: [1, 1] },
    'bad-tag': { fires: tagged('attack.T1059'), silent: tagged('attack.t1059'), at: [18, 7], becomes: tagged('attack.t1059') },
    'unknown-tag-namespace': { fires: tagged('mine.x'), silent: tagged('tlp.amber'), at: [18, 7] },
    'bad-tag-value': { fires: tagged('cve.2021.44228'), silent: tagged('cve.2021-44228'), at: [18, 7] },
    'bad-attack-tag': { fires: tagged('attack.t1059.1'), silent: tagged('attack.t1059.001'), at: [18, 7] },
    'unknown-attack-tag': {
      fires: tagged('attack.t1562.001'),
      silent: tagged('attack.command-and-control'),
      at: [18, 7],
      becomes: tagged('attack.t1685'),
    },
    'duplicate-id': {
      fires: [rule(), rule().replace('A rule', 'Another')],
      silent: [rule(), rule().replace('A rule', 'Another').replace('7f01', '7f02')],
      at: [2, 5],
    },
    'duplicate-name': {
      fires: [`${rule()}name: n\n`, `${rule().replace('A rule', 'B').replace('7f01', '7f02')}name: n\n`],
      silent: [`${rule()}name: n\n`, `${rule().replace('A rule', 'B').replace('7f01', '7f02')}name: m\n`],
      at: [17, 7],
    },
    'duplicate-title': {
      fires: [rule(), rule().replace('7f01', '7f02')],
      silent: [rule(), rule().replace('A rule', 'Another').replace('7f01', '7f02')],
      at: [1, 8],
    },
    'unknown-rule': { fires: correlation(COUNT.replace('known', 'nobody')), silent: correlation(COUNT), at: [10, 11] },
    'empty-logsource': { fires: rule({ logsource: '    definition: x\n' }), silent: rule(), at: [8, 5] },
    'logsource-case': { fires: rule().replace('windows', 'Windows'), silent: rule(), at: [8, 14], becomes: rule() },
    'unknown-logsource': { fires: rule({ logsource: '    product: toaster\n' }), silent: rule(), at: [8, 5] },
    'unknown-field': { fires: item("Commandline: 'a'"), silent: item("CommandLine: 'a'"), at: [12, 9] },
    'bad-condition': { fires: condition('sel_a and or sel_b'), silent: condition('sel_a or sel_b'), at: [15, 26] },
    'missing-detection': { fires: condition('sel_a and not sel_c or sel_b'), silent: condition('sel_a and not sel_b'), at: [15, 30] },
    'empty-pattern': { fires: condition('1 of sel_* and not 1 of filter_*'), silent: condition('1 of sel_*'), at: [15, 40] },
    'unreachable-detection': { fires: condition('sel_a'), silent: condition('all of them'), at: [13, 5] },
    'contradicting-condition': { fires: condition('all of sel_* and not sel_b'), silent: condition('sel_a and not sel_b'), at: [15, 16] },
    'obsolete-timeframe': {
      fires: rule({ detection: `${DETECTION}    timeframe: 5m\n` }),
      silent: rule(),
      at: [14, 5],
    },
    'unknown-modifier': {
      fires: item("Image|endwith: '.exe'"),
      silent: item("Image|endswith: '.exe'"),
      at: [12, 9],
      becomes: item("Image|endswith: '.exe'"),
    },
    'bad-modifiers': { fires: item("Image|contains|endswith: '.exe'"), silent: item("Image|contains|cased: '.exe'"), at: [12, 9] },
    'single-all': {
      fires: item("Image|contains|all: '.exe'"),
      silent: item("Image|contains|all:\n    - '.exe'\n    - 'cmd'"),
      at: [12, 9],
      becomes: item("Image|contains: '.exe'"),
    },
    'bad-detection': { fires: item('Image: []'), silent: item("Image: 'a'"), at: [12, 16] },
    'bad-value': { fires: item("User|cidr: '10.0.0.0/33'"), silent: item("User|cidr: '10.0.0.0/8'"), at: [12, 20] },
    'null-in-list': { fires: item("Image:\n    - 'a'\n    - null"), silent: item('Image: null'), at: [14, 15] },
    'contradicting-values': {
      fires: item("Image: 'cmd.exe'\nImage|endswith: '\\cmd.exe'"),
      silent: item("Image: 'C:\\cmd.exe'\nImage|endswith: '\\cmd.exe'"),
      at: [12, 9],
    },
    'duplicate-value': {
      fires: item("Image:\n    - 'a.exe'\n    - 'A.exe'"),
      silent: item("Image|cased:\n    - 'a.exe'\n    - 'A.exe'"),
      at: [14, 15],
      becomes: item("Image:\n    - 'a.exe'"),
    },
    'redundant-value': {
      fires: item("Image|contains:\n    - 'foobar'\n    - 'foo'"),
      silent: item("Image|endswith:\n    - 'foobar'\n    - 'foo'"),
      at: [13, 15],
    },
    'matches-anything': { fires: item("Image|contains: '*'"), silent: item('Image|exists: true'), at: [12, 25] },
    'needless-wildcard': {
      fires: item("Image|contains: '*cmd*'"),
      silent: item("Image|contains: 'c*md\\*'"),
      at: [12, 25],
      becomes: item("Image|contains: 'cmd'"),
    },
    'defeating-wildcard': { fires: item("Image|endswith: 'cmd*'"), silent: item("Image|endswith: 'cmd\\*'"), at: [12, 25] },
    'leading-wildcard': {
      fires: item("Image: '*\\cmd.exe'"),
      silent: item("Image: 'C:*\\cmd.exe'"),
      at: [12, 16],
      becomes: item("Image|endswith: '\\cmd.exe'"),
    },
    'short-value': { fires: item("Image|contains: 'ab'"), silent: item("Image|contains|all:\n    - 'ab'\n    - 'abc'"), at: [12, 25] },
    'escaped-wildcard': { fires: item("Image: 'C:\\Users\\*\\a.exe'"), silent: item("Image: 'C:\\Users\\\\*\\a.exe'"), at: [12, 16] },
    'keyword-misuse': {
      fires: rule({ detection: "    sel:\n        - 'EventID=4624'\n    condition: sel\n" }),
      silent: rule({ detection: "    sel:\n        - 'action=delete'\n    condition: sel\n" }),
      at: [12, 11],
    },
    'bad-regex': { fires: item("Image|re: '(?=a)b'"), silent: item("Image|re: '[a]b+'"), at: [12, 19] },
    'impossible-regex': { fires: item("Image|re: 'a+(?:^b|c$d)'"), silent: item("Image|re: '^a+(?:b|c$)'"), at: [12, 19] },
    'expensive-regex': { fires: item("Image|re: '(\\w+\\s*)+\\d$'"), silent: item("Image|re: '(\\w+\\s*)+needle$'"), at: [12, 19] },
    'wildcard-in-regex': { fires: item("Image|re: 'C:\\\\*\\.exe'"), silent: item("Image|re: 'C:\\\\.*\\.exe'"), at: [12, 19] },
    'needless-regex': { fires: item("Image|re: 'cmd\\.exe'"), silent: item("Image|re: 'cmd\\.exe$'"), at: [12, 19] },
    'open-regex': {
      fires: item("Image|re: '.*cm+d.*'"),
      silent: item("Image|re: '^.*cm+d\\.*'"),
      at: [12, 19],
      becomes: item("Image|re: 'cm+d'"),
    },
    'bad-correlation': { fires: correlation(COUNT.replace('10m', '10 minutes')), silent: correlation(COUNT), at: [13, 15] },
    'bad-filter': { fires: filter(FILTER.replace('    - known', '    []')), silent: filter(FILTER), at: [11, 9] },
  };

function lint(texts: string | string[], context: LintContext = CONTEXT): Finding[] {
  return lintSigma(
    [texts].flat().map((text, index) => ({ file: `${index}.yml`, text })),
    context,
  );
}

describe('lintSigma', () => {
  it.each(Object.entries(CASES))('%s: fires where it should, and only there', (code, { fires, silent, at, becomes }) => {
    const found = lint(fires).filter((finding) => finding.code === code);
    expect(found.map(({ line, column }) => [line, column])).toEqual([at]);
    expect(lint(silent).map((finding) => finding.code)).not.toContain(code);
    const [finding] = found;
    if (typeof fires === 'string' && becomes !== undefined)
      expect(applyFixes(fires, finding === undefined ? [] : [finding]).text).toBe(becomes);
    else expect(finding?.fix).toBeUndefined();
  });
  it('shows the fix of every check that says it has one', () => {
    for (const [code, { fixable }] of Object.entries<{ fixable?: true }>(CHECKS))
      expect([code, CASES[code as LintCode].becomes !== undefined]).toEqual([code, fixable === true]);
  });
  it('says nothing of a rule, a correlation and a filter that are as they should be', () => {
    const documents = [
      rule(),
      correlation(COUNT).replace('7f01', '7f02').replace('A rule', 'B'),
      filter(FILTER).replace('7f01', '7f03').replace('A rule', 'C'),
    ];
    expect(lint(documents)).toEqual([]);
  });
  it('finds what a condition excludes again, over several detections', () => {
    const text = rule({
      detection:
        "    sel:\n        Image: 'C:\\a.exe'\n    filter:\n        Image|endswith: '\\a.exe'\n    condition: sel and not filter\n",
    });
    expect(lint(text).map(({ code, line }) => [code, line])).toEqual([['contradicting-values', 12]]);
  });
  it('knows no log sources, fields or dates of the future without being told', () => {
    const text = `${rule({ logsource: '    product: toaster\n' })}date: 2999-01-01\n`;
    expect(lint(text, {})).toEqual([]);
    expect(lint(item("Commandline: 'a'"), {})).toEqual([]);
    expect(lint(item("Commandline: 'a'"), { pipelines: anything }).map(({ code }) => code)).toContain('unknown-logsource');
  });
  it.each([
    ['type: event_count', 'type: event_sum', 'unknown-word'],
    ['rules:\n    - known', 'rules: []', 'bad-correlation'],
    ['group-by:\n    - User\n', '', 'bad-correlation'],
    ['    gte: 10', '    more: 10', 'bad-correlation'],
    ['    gte: 10', "    gte: 'many'", 'bad-correlation'],
    ['type: event_count', 'type: value_count', 'bad-correlation'],
    ['10m', '400d', 'refused-rule'],
    ['timespan', 'time', 'bad-correlation'],
  ])('finds what is wrong in a correlation with %s as %s', (was, is, code) => {
    expect(lint(correlation(COUNT.replace(was, is))).map((finding) => finding.code)).toContain(code);
  });
  it.each([
    ['condition: selection', '', 'bad-filter'],
    ["selection:\n    User: 'a'\n", '', 'bad-filter'],
    ["User: 'a'", "User|endswit: 'a'", 'unknown-modifier'],
    ['condition: selection', 'condition: other', 'missing-detection'],
  ])('finds what is wrong in a filter with %s as %s', (was, is, code) => {
    expect(lint(filter(FILTER.replace(was, is))).map((finding) => finding.code)).toContain(code);
  });
  it('asks whether a misspelt attribute of the log source was meant', () => {
    const found = lint(rule().replace('category', 'categorie'));
    expect(found.map(({ code, line, message }) => [code, line, message])).toEqual([
      ['misspelt-attribute', 9, '"categorie" has no effect; did you mean "category"?'],
    ]);
  });
  it('names the rule, and places findings in the document of a file they belong to', () => {
    const second = rule().replace('7f01', '7f02').replace('A rule', 'B').replace('high', 'huge');
    expect(lint(`${rule()}---\n${second}`)).toMatchObject([
      { code: 'unknown-word', line: 33, column: 8, rule: '9c1f3d9e-2c57-4a39-8a51-0a2f0a1c7f02', severity: 'error' },
    ]);
  });
  it('applies fixes that do not touch each other, and leaves the rest for the next run', () => {
    const text = item("Image: '*\\cmd.exe'  ").replace('high', 'High');
    const { text: once, applied } = applyFixes(text, lint(text));
    expect(applied).toBe(3);
    expect(lint(once)).toEqual([]);
  });
});
