/** Rules and pipelines in a few words; every match is asked of both evaluators. */
import { expect } from 'vitest';
import { compileRules, loadPipelines, type SigmaRule } from '../../index.ts';
import type { Item } from '../../model.ts';
import { plainMatch } from '../../plain/index.ts';
import { onlyRule } from '../../test/support.ts';
import { applyProcessing, type ProcessingOptions } from '../apply.ts';
import { loadProcessingPipeline } from '../load.ts';

/** Any event is of the log source of these rules. */
export const anything = loadPipelines([
  `shapes: [{name: any, requires: [], roots: [''], keywords: ['']}]
logsources: [{is: {product: test, category: cat}}]`,
]);

/** A rule of product test; `extra` are more lines of it. */
export function ruleOf(detection: string, extra = ''): SigmaRule {
  const lines = detection
    .replace(/^\n+/, '')
    .split('\n')
    .map((line) => `    ${line}`);
  return onlyRule(`title: Rule\nid: r\n${extra}logsource: {product: test, category: cat}\ndetection:\n${lines.join('\n')}\n`);
}

/** A rule with one selection. */
export function selecting(selection: string, extra = ''): SigmaRule {
  return ruleOf(`s: ${selection}\ncondition: s`, extra);
}

/** A pipeline of these transformations, each one line of YAML. */
export function pipelineOf(...transformations: string[]): string {
  return `name: test\ntransformations:\n${transformations.map((line) => `  - ${line}`).join('\n')}\n`;
}

/** The rule after the pipelines; `failure` instead where they refuse it. */
export function processed(rule: SigmaRule, texts: string | readonly string[], options?: ProcessingOptions) {
  const before = JSON.stringify(rule);
  const pipelines = (typeof texts === 'string' ? [texts] : texts).map((text, index) => loadProcessingPipeline(text, `p${index + 1}.yml`));
  const { rules, failures, applied } = applyProcessing([rule], pipelines, options);
  // A pure transformation: what was given is as it was.
  expect(JSON.stringify(rule)).toBe(before);
  return { rule: rules[0], failure: failures[0], applied: applied[0]?.items ?? [] };
}

/** Whether the processed rule matches the event. */
export function matches(rule: SigmaRule, texts: string | readonly string[], event: object, options?: ProcessingOptions): boolean {
  const done = processed(rule, texts, options);
  if (done.rule === undefined) throw new Error(done.failure?.reason);
  const indexed = compileRules([done.rule], { pipelines: anything }).match(event).length > 0;
  expect(plainMatch(event, [done.rule], anything).length > 0).toBe(indexed);
  return indexed;
}

/** Every item of a rule as `field: values`, in order. */
export function itemsOf(rule: SigmaRule | undefined): string[] {
  const items: string[] = [];
  const visit = (detection: SigmaRule['detections'][number]['detection']): void => {
    if (detection.kind === 'item') items.push(textOfItem(detection));
    else detection.children.forEach(visit);
  };
  for (const { detection } of rule?.detections ?? []) visit(detection);
  return items;
}

function textOfItem(item: Item): string {
  return `${item.field ?? 'keywords'}: ${item.tests.map((test) => (test.kind === 'string' ? JSON.stringify(test.parts) : `${test.kind} ${test.text}`)).join(' | ')}`;
}
