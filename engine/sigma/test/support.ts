/** What the tests share: rules and pipelines in a few words, and the shared data when it is there. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileRules, loadPipelines, parseRules, type Pipelines, type SigmaRule } from '../index.ts';
import { fillPlaceholders } from '../placeholders.ts';
import { plainMatch } from '../plain/index.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
export const shared = process.env['VONG_SHARED'] ?? join(root, '..', 'shared');
export const hasCorpus = existsSync(join(shared, 'data', 'sigmahq', 'rules'));
export const hasLanes = existsSync(join(shared, 'data', 'bench', 'windows-mix.ndjson.zst'));

export function ourPipelines(): Pipelines {
  const folder = join(root, 'rules', 'pipelines');
  return loadPipelines(
    globSync(join(folder, '*.yml'))
      .sort()
      .map((file) => readFileSync(file, 'utf8')),
  );
}

let corpus: SigmaRule[] | undefined;
/** All rules of SigmaHQ's set, parsed once. */
export function corpusRules(): SigmaRule[] {
  corpus ??= globSync(join(shared, 'data', 'sigmahq', 'rules*', '**', '*.yml'))
    .sort()
    .flatMap((file) => parseRules(readFileSync(file, 'utf8'), file).rules);
  return corpus;
}

/** Any event is of this log source. */
export const anything = loadPipelines([
  `shapes: [{name: any, requires: [], roots: [''], keywords: ['']}]
logsources: [{is: {product: test}}]`,
]);

/** A rule with this detection section (YAML, indented by four). */
export function ruleText(detection: string, id = 'test'): string {
  return `title: Test\nid: ${id}\nlogsource:\n    product: test\ndetection:\n${detection.replace(/^\n+/, '')}`;
}

export function onlyRule(text: string): SigmaRule {
  const { rules, failures } = parseRules(text, 'test.yml');
  const [rule] = rules;
  if (rule === undefined) throw new Error(JSON.stringify(failures));
  return rule;
}

/** Whether a rule with one selection of this YAML matches; both evaluators must agree. */
export function selects(selection: string, event: object, placeholders: Readonly<Record<string, readonly string[]>> = {}): boolean {
  return matches(`    selection:\n${indent(selection)}\n    condition: selection`, event, placeholders);
}

export function matches(detection: string, event: object, placeholders: Readonly<Record<string, readonly string[]>> = {}): boolean {
  const rule = onlyRule(ruleText(detection));
  const indexed = compileRules([rule], { pipelines: anything, placeholders }).match(event).length > 0;
  const plain = plainMatch(event, [fillPlaceholders(rule, placeholders)], anything).length > 0;
  if (indexed !== plain) throw new Error(`indexed ${indexed}, plain ${plain}`);
  return plain;
}

function indent(text: string): string {
  return text
    .replace(/^\n+/, '')
    .split('\n')
    .map((line) => `        ${line}`)
    .join('\n');
}

/** The failure of a text that is no rule: `code line:column`. */
export function failureOf(text: string): string {
  const [failure] = parseRules(text, 'test.yml').failures;
  return failure === undefined ? 'none' : `${failure.code} ${failure.line}:${failure.column}`;
}

export interface RegressionCase {
  readonly name: string;
  readonly rule: string;
  readonly count: number;
  readonly events: object[];
}

/** Every case of SigmaHQ's regression data that has JSON events. */
export function regressionCases(): RegressionCase[] {
  return globSync(join(shared, 'data', 'sigmahq', 'regression_data', '**', 'info.yml'))
    .sort()
    .flatMap((info) => {
      const text = readFileSync(info, 'utf8');
      const rule = /rule_metadata:\s*\n\s*- id: (\S+)/.exec(text)?.[1];
      const [file] = globSync(join(dirname(info), '*.json'));
      if (rule === undefined || file === undefined) return [];
      const count = Number(/match_count: (\d+)/.exec(text)?.[1] ?? 1);
      return [{ name: dirname(info).split('/').at(-1) ?? '', rule, count, events: documents(readFileSync(file, 'utf8')) }];
    });
}

/** Some files hold several JSON documents in a row. */
function documents(text: string): object[] {
  const found: object[] = [];
  let [depth, start, quoted] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' && depth++ === 0) start = at;
    else if (character === '}' && --depth === 0) found.push(readObject(text.slice(start, at + 1)));
  }
  return found;
}

export function readObject(text: string): object {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new Error('not an object');
  return value;
}
