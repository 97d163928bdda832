import { encodeParsed, loadPipelines, parseSigma } from 'sigma-rules-ts';
import { describe, expect, it } from 'vitest';
import { RuleStore } from './compile.ts';
import type { RuleText } from './messages.ts';
import { readEvent } from './read-event.ts';

const pipelines = loadPipelines([
  `shapes: [{name: any, requires: [], roots: [''], keywords: ['']}]\nlogsources: [{is: {product: windows}}]`,
]);
const yamlOf = (value: string): string =>
  `title: T\nid: a\nlogsource: {product: windows}\ndetection: {s: {A|expand: ${value}}, condition: s}\n`;
const parsedOf = (yaml: string): string => encodeParsed(parseSigma(yaml, 'a.yml'), yaml);
const text = (yaml: string, parsed?: string): RuleText => ({
  id: 'a',
  file: 'a.yml',
  version: '1',
  yaml,
  ...(parsed === undefined ? {} : { parsed }),
});

function compiled(...changed: RuleText[]) {
  const store = new RuleStore({ pipelines, onFault: () => undefined });
  store.change({ changed, removed: [] });
  return store.compile({ sets: [{}], agencies: {} });
}

/** Whether the rule matches an event with this value. */
function matches(rule: RuleText, value: string): boolean {
  const json = JSON.stringify({ event: { ingested: '2026-11-22T00:00:00.000Z' }, organization: { id: 'vn' }, A: value });
  const event = readEvent(new TextEncoder().encode(json));
  if (event === undefined) throw new Error('not an event');
  return compiled(rule).matcher.match(event).length > 0;
}

describe('a rule that comes with what was parsed of it', () => {
  it('is taken from there: its YAML is not read', () => {
    expect(matches(text('no rule at all', parsedOf(yamlOf('x'))), 'x')).toBe(true);
  });
  it('is read from its YAML where that is damaged, of another version or not there', () => {
    const parsed = parsedOf(yamlOf('other'));
    for (const given of [parsed.slice(0, -1), parsed.replace('other', 'othes'), parsed.replace(/^\d+/, '99999'), '', undefined]) {
      expect(matches(text(yamlOf('x'), given), 'x')).toBe(true);
      expect(matches(text(yamlOf('x'), given), 'other')).toBe(false);
    }
  });
  it('says of the same rule the same: what it lacks, and where', () => {
    const yaml = yamlOf("'%nobody%'");
    const { failed } = compiled(text(yaml));
    expect(failed).toMatchObject([{ id: 'a', file: 'a.yml', code: 'SIGMA_PLACEHOLDER' }]);
    expect(compiled(text(yaml, parsedOf(yaml))).failed).toEqual(failed);
  });
});
