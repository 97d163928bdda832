/** The event id decides the bucket: a bucket of one id must not answer for another, nor lose what a test asks of the id itself. */
import { describe, expect, it } from 'vitest';
import { compileRules, loadPipelines } from '../index.ts';
import { plainMatch } from '../plain/index.ts';
import { anything, onlyRule, ourPipelines, ruleText } from './support.ts';

const rule = (selection: string, id = selection) =>
  onlyRule(ruleText(`    s:\n        ${selection}\n    condition: s`, JSON.stringify(id)));

/** Ids of the rules that match each event, in turn, by one compiled set; both evaluators must agree. */
function inTurn(selections: readonly string[], events: readonly object[], pipelines = anything): string[][] {
  const rules = selections.map((selection) => rule(selection));
  const set = compileRules(rules, { pipelines });
  return events.map((event) => {
    const found = set.match(event).map((match) => match.rule.id);
    expect(found).toEqual(plainMatch(event, rules, pipelines).map((one) => one.id));
    return found;
  });
}

describe('events of ids that look alike', () => {
  it('with spaces around them are other ids ("All values are treated as case-insensitive strings")', () => {
    const asked = ['EventID: 4624'];
    expect(inTurn(asked, [{ EventID: ' 4624' }, { EventID: '4624' }, { EventID: 4624 }])).toEqual([[], asked, asked]);
    expect(inTurn(asked, [{ EventID: 4624 }, { EventID: '4624 ' }])).toEqual([asked, []]);
  });
  it('no rule asks for are not the id that a hostile rule asks for', () => {
    expect(inTurn(['EventID: "\\0"'], [{ EventID: 'other' }, { EventID: '\0' }])).toEqual([[], ['EventID: "\\0"']]);
  });
  it('in another case are the same id, unless the rule says cased', () => {
    const [cased, folded] = ['EventID|cased: Abc', 'EventID: aBC'];
    expect(inTurn([cased, folded], [{ EventID: 'Abc' }, { EventID: 'abc' }])).toEqual([[cased, folded], [folded]]);
  });
  it('with another dash are the same id for windash', () => {
    const asked = ['EventID|windash: -abc'];
    expect(inTurn(asked, [{ EventID: '/abc' }, { EventID: '\u2013ABC' }, { EventID: 'abc' }])).toEqual([asked, asked, []]);
  });
  it('in lists, in objects and absent are told apart from one id', () => {
    const [one, contains, absent] = ['EventID: 5', 'EventID|contains: 5', 'EventID: null'];
    expect(
      inTurn([one, contains, absent], [{ EventID: [7, 5] }, { EventID: 7 }, { EventID: [5] }, { EventID: { a: 5 } }, {}, { EventID: '5' }]),
    ).toEqual([[one, contains], [], [one, contains], [contains], [absent], [one, contains]]);
  });
});

describe('another name for the place of the event id', () => {
  const pipelines = loadPipelines([
    `shapes: [{name: any, requires: [], roots: [''], keywords: [''], fields: {EventID: id, event_code: id}}]
logsources: [{is: {product: test}}]`,
  ]);
  it('is looked at like the id', () => {
    expect(inTurn(['event_code: 7', 'EventID: 5'], [{ id: 1 }, { id: 7 }, { id: 5 }], pipelines)).toEqual([
      [],
      ['event_code: 7'],
      ['EventID: 5'],
    ]);
  });
});

describe('hints of the log source', () => {
  it('are read without spaces around them and in any case, whichever event comes first', () => {
    const asked = onlyRule(ruleText('    s: {F: 1}\n    condition: s').replace('product: test', 'product: windows'));
    const set = compileRules([asked], { pipelines: ourPipelines() });
    const found = ['windows', ' Windows ', 'WINDOWS', 'win dows', ''].map((name) => set.match({ ls_product: name, F: 1 }).length);
    expect(found).toEqual([1, 1, 1, 0, 0]);
  });
});
