import { describe, expect, it } from 'vitest';
import { explain } from './explain.ts';
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
  it('is empty for an event the rule does not look at', () => {
    expect(explain(rule, { EventID: 1 }, { pipelines: ourPipelines() })).toEqual({ conditions: [], matches: [] });
  });
});
