import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explain } from './explain.ts';
import { plainMatch } from './plain/index.ts';
import { anything, onlyRule, ourPipelines, ruleText } from './test/support.ts';

const rule = onlyRule(
  ruleText(`
    selection_img:
        - Image|endswith: '\\whoami.exe'
        - OriginalFileName: 'whoami.exe'
    selection_cli:
        CommandLine|contains|all:
            - '/priv'
            - ' /FO '
    filter:
        User|contains: 'SYSTEM'
    condition: all of selection_* and not filter`),
);
const event = { Image: 'C:\\Windows\\System32\\WHOAMI.exe', CommandLine: 'whoami /priv /fo list', User: 'bob' };

describe('explain', () => {
  it('shows the tree of the condition with the result of each part', () => {
    const { conditions } = explain(rule, event, { pipelines: anything });
    const [root] = conditions;
    expect(root).toMatchObject({
      label: 'and',
      result: true,
      children: [
        {
          label: 'all of selection_*',
          result: true,
          children: [
            { label: 'selection_img', result: true },
            { label: 'selection_cli', result: true },
          ],
        },
        { label: 'not', result: true, children: [{ label: 'filter', result: false }] },
      ],
    });
  });
  it('marks what matched: field, value as the rule writes it, place, value, and the span in it', () => {
    const { matches } = explain(rule, event, { pipelines: anything });
    expect(matches).toEqual([
      {
        selection: 'selection_img',
        field: 'Image',
        modifiers: ['endswith'],
        pattern: '\\whoami.exe',
        path: 'Image',
        value: event.Image,
        span: [19, 30],
      },
      {
        selection: 'selection_cli',
        field: 'CommandLine',
        modifiers: ['contains', 'all'],
        pattern: '/priv',
        path: 'CommandLine',
        value: event.CommandLine,
        span: [7, 12],
      },
      {
        selection: 'selection_cli',
        field: 'CommandLine',
        modifiers: ['contains', 'all'],
        pattern: ' /FO ',
        path: 'CommandLine',
        value: event.CommandLine,
        span: [12, 17],
      },
    ]);
    for (const { value, span = [0, 0], pattern } of matches) expect(value.slice(...span).toLowerCase()).toBe(pattern.toLowerCase());
  });
  it('says why a rule does not match', () => {
    const { conditions, matches } = explain(rule, { ...event, User: 'SYSTEM' }, { pipelines: anything });
    expect(conditions[0]).toMatchObject({
      result: false,
      children: [{ result: true }, { label: 'not', result: false, children: [{ result: true }] }],
    });
    expect(matches).toEqual([]);
  });
  it('names the place in the event that a field was mapped to', () => {
    const windows = onlyRule(
      ruleText('    s:\n        Image|endswith: .exe\n    condition: s').replace(
        'product: test',
        'product: windows\n    category: process_creation',
      ),
    );
    const found = explain(
      windows,
      { winlog: { channel: 'Security', event_id: 4688, event_data: { NewProcessName: 'C:\\a.exe' } } },
      { pipelines: ourPipelines() },
    );
    expect(found.matches).toMatchObject([{ path: 'winlog.event_data.NewProcessName', value: 'C:\\a.exe', span: [4, 8] }]);
  });
  it('gives the span of an expression and of a keyword', () => {
    const other = onlyRule(ruleText("    a:\n        F|re: 'b+'\n    k:\n        - 'needle'\n    condition: a and k"));
    const { matches } = explain(other, { F: 'abbbc', G: ['x', 'a needle'] }, { pipelines: anything });
    expect(matches).toMatchObject([{ span: [1, 4] }, { field: null, value: 'a needle', span: [2, 8] }]);
  });
  it.each([
    ["F|contains: 'b*d?'", 'xabcdex', 'bcde'],
    ["F: 'a?c*e'", 'ABCDE', 'ABCDE'],
    ["F|startswith: 'a*c'", 'abcc', 'abc'],
    ["F|endswith: 'c*e'", 'abcdce', 'cdce'],
    ["F|contains|windash: ' -x'", 'run /x', ' /x'],
    ["F|base64|contains: 'ping 1'", `-e ${btoa('ping 1 x')}`, btoa('ping 1')],
    ["F|wide|base64offset|contains: 'ping'", `-enc ${btoa('a\0p\0i\0n\0g\0y\0')}`, btoa('a\0p\0i\0n\0g\0y\0').slice(3, 13)],
    ["F|re|i: 'B+C'", 'abbc', 'bbc'],
    ["F|cidr: '10.0.0.0/8'", '10.1.2.3', '10.1.2.3'],
    ['F|gte: 5', '12', '12'],
    ["F|neq: 'a'", 'b', undefined],
  ])('marks in %s what matched', (item, value, marked) => {
    const rule = onlyRule(ruleText(`    s:\n        ${item}\n    condition: s`));
    const { matched, matches } = explain(rule, { F: ['other', value] }, { pipelines: anything });
    expect(matched).toBe(true);
    const [match] = matches;
    if (marked === undefined) return;
    expect(match?.value).toBe(value);
    expect(match?.value.slice(...(match.span ?? [0, 0]))).toBe(marked);
  });
  it('shows what a field held that did not match, and what was absent', () => {
    const { matched, conditions } = explain(rule, { Image: 'C:\\a.exe', CommandLine: 'a /priv' }, { pipelines: anything });
    expect(matched).toBe(false);
    const selections = conditions[0]?.children[0]?.children ?? [];
    const [image, original] = selections[0]?.children[0]?.children ?? [];
    expect(image).toMatchObject({ result: false, seen: { path: 'Image', absent: false, values: ['C:\\a.exe'] } });
    expect(original).toMatchObject({ result: false, seen: { path: 'OriginalFileName', absent: true, values: [] } });
    // One value of two that must both be there was: it keeps its mark, and the whole value is shown beside it.
    expect(selections[1]?.children[0]).toMatchObject({
      result: false,
      seen: { values: ['a /priv'] },
      children: [{ result: true, match: { span: [2, 7] } }, { result: false }],
    });
  });
  it('lists a few of many values that did not match, and counts the rest', () => {
    const many = onlyRule(ruleText(`    s:\n        F: [${Array.from({ length: 40 }, (_, at) => `v${at}`).join()}]\n    condition: s`));
    const [node] = explain(many, { F: 'x' }, { pipelines: anything }).conditions[0]?.children ?? [];
    expect([node?.children.length, node?.omitted]).toEqual([5, 35]);
  });
  it('says what the log source decided, and explains the condition all the same', () => {
    const windows = onlyRule(
      ruleText("    s:\n        Image|endswith: '\\a.exe'\n    condition: s").replace(
        'product: test',
        'product: windows\n    category: process_creation',
      ),
    );
    const event = { EventID: 3, Channel: 'Microsoft-Windows-Sysmon/Operational', Image: 'C:\\a.exe' };
    const found = explain(windows, event, { pipelines: ourPipelines() });
    expect(found).toMatchObject({ matched: false, matches: [], conditions: [{ result: true }] });
    expect(found.logsource).toEqual({
      applies: false,
      asked: { product: 'windows', category: 'process_creation' },
      known: true,
      shape: 'flat',
      belongs: expect.arrayContaining([{ product: 'windows', service: 'sysmon', category: 'network_connection' }]) as object,
      unmet: [{ field: 'EventID', expected: ['1'], seen: ['3'] }],
    });
  });
  it('says that no pipeline knows a log source', () => {
    const { logsource, conditions } = explain(rule, { EventID: 1 }, { pipelines: ourPipelines() });
    expect(logsource).toMatchObject({ applies: false, known: false, unmet: [] });
    expect(conditions[0]?.result).toBe(false);
  });
  it('agrees with the plain evaluator about every rule and event, and marks only what the pattern matches', () => {
    const piece = fc.constantFrom('a', 'b', 'B', '*', '?', '\\*', '-');
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '*', '-', '/'), maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('', '|contains', '|startswith', '|endswith|windash'),
        text,
        (pieces, modifier, value) => {
          const pattern = pieces.join('');
          const one = onlyRule(ruleText(`    s:\n        F${modifier}: ${JSON.stringify(pattern)}\n    condition: s`));
          const event = { F: value };
          const { matched, matches } = explain(one, event, { pipelines: anything });
          expect(matched).toBe(plainMatch(event, [one], anything).length > 0);
          const span = matches[0]?.span;
          if (span === undefined) return;
          const core = pattern.replace(/^\*+/, '').replace(/(?<!\\)\*+$/, '');
          const inner = onlyRule(
            ruleText(
              `    s:\n        F${modifier.replace(/\|(?:contains|startswith|endswith)/, '')}: ${JSON.stringify(core)}\n    condition: s`,
            ),
          );
          expect(plainMatch({ F: value.slice(...span) }, [inner], anything)).toHaveLength(1);
        },
      ),
      { numRuns: 2_000, interruptAfterTimeLimit: 4_000 },
    );
  });
});
