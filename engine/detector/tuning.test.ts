import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPipelines } from 'sigma-rules-ts';
import { describe, expect, it, vi } from 'vitest';
import { RuleStore } from './compile.ts';
import type { RuleText } from './messages.ts';
import { loadProcessing, noteNoEffect, readProcessing } from './processing.ts';
import { type IncomingEvent, readEvent } from './read-event.ts';
import { Tuning } from './tuning.ts';
import { applyFilters, parseSigma, type SigmaFilter, type SigmaRule } from 'sigma-rules-ts';

const pipelines = loadPipelines([
  `shapes: [{name: any, requires: [], roots: [''], keywords: ['']}]\nlogsources: [{is: {product: windows}}]`,
]);
const rule = (id: string, value = 'x'): RuleText => ({
  id,
  file: `${id}.yml`,
  version: '1',
  yaml: `title: T\nid: ${id}\nlogsource: {product: windows}\ndetection: {s: {A: ${value}}, condition: s}\n`,
});
const filter = (id: string, rules: string, version = '1'): RuleText => ({
  id,
  file: `filters/${id}.yml`,
  version,
  yaml: `title: F\nid: ${id}\nlogsource: {product: windows}\nfilter: {rules: ${rules}, own: {User: root}, condition: not own}\n`,
});

function storeOf(texts: readonly RuleText[], pipeline?: string) {
  const processing = pipeline === undefined ? [] : loadProcessing([{ file: 'p.yml', text: pipeline }]);
  const store = new RuleStore({ pipelines, processing, onFault: () => undefined });
  store.change({ changed: texts, removed: [] });
  return store;
}

/** What a rule set needs of an event. */
function eventOf(agency: string, fields: object): IncomingEvent {
  const event = readEvent(
    new TextEncoder().encode(JSON.stringify({ event: { ingested: '2026-11-22T00:00:00.000Z' }, organization: { id: agency }, ...fields })),
  );
  if (event === undefined) throw new Error('not an event');
  return event;
}

function found(store: RuleStore, event: object): string[] {
  const { matcher } = store.compile({ sets: [{}], agencies: {} });
  return matcher
    .match(eventOf('vn', event))
    .map((match) => match.rule.id)
    .toSorted();
}

describe('filters in a detector', () => {
  it('narrow the rules they name from the next compile on, and no longer once they are taken away', () => {
    const store = storeOf([rule('r1'), rule('r2'), filter('f1', '[r1]')]);
    expect(found(store, { A: 'x', User: 'root' })).toEqual(['r2']);
    expect(found(store, { A: 'x', User: 'bob' })).toEqual(['r1', 'r2']);
    store.change({ changed: [filter('f1', '[r2]', '2')], removed: [] });
    expect(found(store, { A: 'x', User: 'root' })).toEqual(['r1']);
    store.change({ changed: [], removed: ['f1'] });
    expect(found(store, { A: 'x', User: 'root' })).toEqual(['r1', 'r2']);
  });
  it('are no rules, and are named with their file and place when they name no rule', () => {
    const { rules, failed } = storeOf([rule('r1'), filter('f1', '[r1, gone]')]).compile({ sets: [{}], agencies: {} });
    expect(rules).toBe(1);
    expect(failed).toMatchObject([{ id: 'f1', file: 'filters/f1.yml', line: 4, code: 'SIGMA_FILTER' }]);
    expect(failed[0]?.reason).toContain('there is no rule "gone"');
  });
  it('may hold placeholders, which every agency fills for itself', () => {
    const own = { ...filter('f1', '[r1]'), yaml: filter('f1', '[r1]').yaml.replace('User: root', "User|expand: '%admins%'") };
    const { matcher } = storeOf([rule('r1'), own]).compile({ sets: [{ admins: ['root'] }, { admins: ['lan'] }], agencies: { b: 1 } });
    const ids = (agency: string, User: string): string[] => matcher.match(eventOf(agency, { A: 'x', User })).map((match) => match.rule.id);
    expect([ids('a', 'root'), ids('a', 'lan'), ids('b', 'root'), ids('b', 'lan')]).toEqual([[], ['r1'], ['r1'], []]);
  });
});

describe('processing pipelines in a detector', () => {
  it('change every rule and its filters; a rule they refuse is named and stops no other', () => {
    const store = storeOf(
      [rule('r1'), rule('r2', 'forbidden'), filter('f1', '[r1]')],
      `transformations:
  - {type: detection_item_failure, message: not here, detection_item_conditions: [{type: match_value, value: forbidden}]}
  - {type: field_name_prefix, prefix: in.}\n`,
    );
    expect(found(store, { in: { A: 'x', User: 'bob' } })).toEqual(['r1']);
    expect(found(store, { in: { A: 'x', User: 'root' } })).toEqual([]);
    const { failed, rules } = store.compile({ sets: [{}], agencies: {} });
    expect(rules).toBe(1);
    expect(failed).toMatchObject([{ id: 'r2', file: 'r2.yml', code: 'SIGMA_TRANSFORMATION' }]);
  });
  it('are read by name from directories; what has no effect is logged; one that is wrong is refused with file and line', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'pipelines-'));
    try {
      const warn = vi.fn<(details: object, text: string) => void>();
      const logger = { warn };
      await writeFile(join(directory, 'b.yml'), 'name: b\ntransformations: [{type: set_state, key: k, val: 1}]\nfinalizers: []\n');
      await writeFile(join(directory, 'a.yaml'), 'name: a\ntransformations: [{type: set_state, key: k, val: 1}]\n');
      await writeFile(join(directory, 'notes.txt'), 'none');
      const texts = await readProcessing([directory]);
      noteNoEffect(texts, logger);
      expect(loadProcessing(texts).map(({ name }) => name)).toEqual(['a', 'b']);
      expect(warn.mock.calls.map(([details]) => details)).toMatchObject([{ file: join(directory, 'b.yml'), line: 3 }]);
      await writeFile(join(directory, 'c.yml'), 'transformations:\n  - type: invented\n');
      await expect(readProcessing([directory])).rejects.toMatchObject({
        code: 'DETECTOR_PIPELINE',
        message: expect.stringMatching(/c\.yml cannot be used \(line 2\): .*"invented" is not known/),
      });
      await expect(readProcessing([join(directory, 'none')])).rejects.toMatchObject({ code: 'DETECTOR_PIPELINES_UNREADABLE' });
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe('tuning', () => {
  it('gives the same objects again for what did not change', () => {
    const texts = [rule('r1'), rule('r2')].flatMap((text) => parseSigma(text.yaml, text.file).rules);
    const filters: SigmaFilter[] = parseSigma(filter('f1', '[r1]').yaml, 'f').filters;
    const tuning = new Tuning<SigmaRule>(loadProcessing([{ file: 'p', text: 'transformations: [{type: field_name_prefix, prefix: p.}]' }]));
    const first = tuning.tune(texts, filters).rules;
    const second = tuning.tune(texts, [...filters]).rules;
    expect(second.map((each, index) => each === first[index])).toEqual([true, true]);
    const without = tuning.tune(texts, []).rules;
    expect(without.map((each, index) => each === first[index])).toEqual([false, true]);
    expect(applyFilters(texts, filters).rules[1]).toBe(texts[1]);
  });
});
