/**
 * Whole pipelines in the style of pySigma's, on SigmaHQ's rules: the rules they make find in events of Elastic Common Schema what the
 * rules as they are find in the same events as Windows wrote them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyFilters, compileRules, parseSigma, type SigmaRule } from '../../index.ts';
import type { Detection } from '../../model.ts';
import { plainMatch } from '../../plain/index.ts';
import { corpusRules, hasCorpus, ourPipelines, regressionCases } from '../../test/support.ts';
import { applyProcessing } from '../apply.ts';
import { loadProcessingPipeline } from '../load.ts';
import type { ProcessingPipeline } from '../model.ts';
import { toEcs } from './ecs.ts';

const sample = (name: string): ProcessingPipeline =>
  loadProcessingPipeline(readFileSync(join(import.meta.dirname, '..', 'samples', `${name}.yml`), 'utf8'), `${name}.yml`);
const [sysmon, ecs, audit] = [sample('sysmon'), sample('ecs-windows'), sample('windows-audit')];

function namesOf(rule: SigmaRule): string[] {
  const fieldsOf = (detection: Detection): string[] =>
    detection.kind === 'item' ? (detection.field === null ? [] : [detection.field]) : detection.children.flatMap(fieldsOf);
  return rule.detections.flatMap(({ detection }) => fieldsOf(detection));
}

describe('the sample pipelines', () => {
  it('are read: what concerns queries is noted', () => {
    expect([sysmon, ecs, audit].map(({ priority, notes }) => [priority, notes.length])).toEqual([
      [10, 0],
      [20, 1],
      [10, 0],
    ]);
  });
  it.skipIf(!hasCorpus)('leave no Windows rule with a field that is not one of Elastic Common Schema or below winlog', () => {
    const rules = corpusRules().filter(({ logsource }) => logsource.product === 'windows');
    const { rules: done, failures } = applyProcessing(rules, [ecs, sysmon]);
    expect(failures).toEqual([]);
    expect(done.length).toBeGreaterThan(2_000);
    expect(done.flatMap(namesOf).filter((name) => !/^[a-z_]+\.[a-z_.]+[A-Za-z0-9_ .-]*$/.test(name))).toEqual([]);
  });
  it.skipIf(!hasCorpus)('change no rule of another product', () => {
    const rules = corpusRules().filter(({ logsource }) => logsource.product !== 'windows');
    const { rules: done } = applyProcessing(rules, [sysmon, ecs, audit]);
    expect(done.every((rule, index) => rule === rules[index])).toBe(true);
  });
});

describe('rules through the pipelines on events in Elastic Common Schema', () => {
  const pipelines = ourPipelines();
  const cases = hasCorpus ? regressionCases() : [];
  const found = (rules: readonly SigmaRule[], shape: (event: object) => object): string[] => {
    const set = compileRules(rules, { pipelines });
    return cases.flatMap(({ name, events }) =>
      events.flatMap((event, index) => set.match(shape(event)).map(({ rule }) => `${name} ${index + 1}: ${rule.id}`)),
    );
  };
  it.skipIf(!hasCorpus)('find what the rules as they are find in the events as Windows wrote them, with one pipeline and with two', () => {
    const rules = corpusRules();
    const native = found(rules, (event) => event);
    expect(native.length).toBeGreaterThan(cases.length);
    const mapped = applyProcessing(rules, [ecs]);
    expect(mapped.failures).toEqual([]);
    expect(found(mapped.rules, toEcs)).toEqual(native);
    // Nothing is found without the pipeline in what only Elastic Common Schema names.
    expect(found(rules, toEcs).length).toBeLessThan(native.length / 2);
    expect(found(applyProcessing(rules, [ecs, sysmon]).rules, toEcs)).toEqual(native);
  });
  it.skipIf(!hasCorpus)('match alike in both evaluators, with a filter on every rule as well', () => {
    const filter =
      'title: F\nlogsource: {product: windows}\nfilter: {rules: any, known: {ComputerName|startswith: [sw, DESKTOP]}, condition: not known}\n';
    const { rules } = applyProcessing(applyFilters(corpusRules(), parseSigma(filter, 'f.yml').filters).rules, [ecs, sysmon]);
    const set = compileRules(rules, { pipelines });
    const events = cases.flatMap((one) => one.events).filter((_, index) => index % 6 === 0);
    const ids = events.map((event) => set.match(toEcs(event)).map(({ rule }) => rule.id));
    expect(ids).toEqual(events.map((event) => plainMatch(toEcs(event), rules, pipelines).map(({ id }) => id)));
    expect(ids.some((each) => each.length > 0)).toBe(true);
  });
  it.skipIf(!hasCorpus)('detect every regression case', () => {
    const rules = applyProcessing(corpusRules(), [ecs]).rules;
    const lines = new Set(found(rules, toEcs).map((line) => line.replace(/ \d+: /, ' ')));
    expect(cases.filter(({ name, rule }) => !lines.has(`${name} ${rule}`)).map(({ name }) => name)).toEqual([]);
  });
});
