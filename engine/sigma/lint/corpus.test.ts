import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { array, assert, constantFrom, nat, oneof, property, string, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSigma } from '../parse/documents.ts';
import { parseRules } from '../parse/rule.ts';
import { plainMatch } from '../plain/index.ts';
import { anything, hasCorpus, ourPipelines, ruleText, shared } from '../test/support.ts';
import { isAttackId, TACTICS } from './attack.ts';
import { applyFixes, lintSigma, type LintFile } from './index.ts';
import { SCHEMAS } from './schema.ts';

const schemas = join(shared, 'spec', 'sigma', 'json-schema');
const context = { pipelines: ourPipelines(), today: '9999-12-31' };

function filesOf(folder: string, pattern: string): LintFile[] {
  return globSync(join(folder, pattern))
    .sort()
    .map((file) => ({ file, text: readFileSync(file, 'utf8') }));
}
const ours = filesOf(fileURLToPath(new URL('../../../rules/sigma', import.meta.url)), '**/rule.yml');

interface JsonSchema {
  readonly required: readonly string[];
  readonly properties: Readonly<
    Record<
      string,
      {
        readonly maxLength?: number;
        readonly format?: string;
        readonly uniqueItems?: boolean;
        readonly oneOf?: readonly { readonly const: string }[];
      }
    >
  >;
}

describe('lintSigma on real rules', () => {
  it('finds neither errors nor warnings in our own rules', () => {
    expect(ours.length).toBeGreaterThan(10);
    expect(lintSigma(ours, context).filter(({ severity }) => severity !== 'info')).toEqual([]);
  });
  it.skipIf(!hasCorpus)(
    'calls no rule of SigmaHQ an error, and finds the contradiction that one of them holds',
    () => {
      const findings = lintSigma(filesOf(join(shared, 'data', 'sigmahq'), 'rules*/**/*.yml'), context);
      expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      const contradicting = findings.filter(({ code }) => code === 'contradicting-values');
      expect(contradicting.map(({ file }) => file.split('/').at(-1))).toEqual(['proc_creation_win_xwizard_runwizard_com_object_exec.yml']);
    },
    60_000,
  );
  it.skipIf(!hasCorpus)('knows every technique and tactic SigmaHQ names', () => {
    const tags = filesOf(join(shared, 'data', 'sigmahq'), 'rules*/**/*.yml').flatMap(({ text }) => [
      ...text.matchAll(/^\s+- attack\.(?!(?:g|s|ds)\d)([a-z][a-z0-9.-]+)/gm),
    ]);
    const unknown = new Set(tags.map((tag) => tag[1] ?? '').filter((name) => !isAttackId(name) && !TACTICS.includes(name)));
    expect([...unknown]).toEqual([]);
  });
  it.skipIf(!existsSync(schemas)).each([
    ['rule', 'sigma-detection-rule-schema.json'],
    ['correlation', 'sigma-correlation-rules-schema.json'],
    ['filter', 'sigma-filters-schema.json'],
  ] as const)('asks of a %s what the JSON schema of the specification asks', (kind, file) => {
    const schema = JSON.parse(readFileSync(join(schemas, file), 'utf8')) as JsonSchema;
    const table = SCHEMAS[kind];
    expect(Object.keys(table).filter((key) => table[key]?.required)).toEqual(expect.arrayContaining([...schema.required]));
    for (const [key, { maxLength, format, uniqueItems, oneOf }] of Object.entries(schema.properties)) {
      // The correlation schema alone lists `generate`; everything else stands in the tables under its own name.
      const attribute = table[key];
      expect([key, attribute?.longest, attribute?.unique, attribute?.words?.toSorted()]).toEqual([
        key,
        maxLength,
        uniqueItems,
        oneOf?.map((word) => word.const).toSorted(),
      ]);
      if (format !== undefined) expect(attribute?.format).toBe(format);
    }
  });
});

describe('lintSigma on anything', () => {
  const texts = [
    ...ours.map(({ text }) => text),
    'title: C\nid: c\ncorrelation:\n    type: event_count\n    rules:\n        - a\n    group-by:\n        - User\n    timespan: 10m\n    condition:\n        gte: 10\n',
    "title: F\nid: f\nlogsource:\n    product: windows\nfilter:\n    rules:\n        - a\n    selection:\n        User: 'x'\n    condition: selection\n",
  ];
  const broken = tuple(
    constantFrom(...texts),
    array(tuple(nat(1_500), nat(12), string({ maxLength: 12, unit: 'binary-ascii' })), { maxLength: 6 }),
  ).map(([text, cuts]) => cuts.reduce((result, [at, length, put]) => result.slice(0, at) + put + result.slice(at + length), text));
  it('never throws, and has an error for every rule the engine refuses', () => {
    assert(
      property(oneof(broken, string()), (text) => {
        const errors = lintSigma([{ file: 'a.yml', text }], context).filter(({ severity }) => severity === 'error');
        if (parseSigma(text, 'a.yml').failures.length > 0) expect(errors).not.toEqual([]);
      }),
      { numRuns: 1_500, interruptAfterTimeLimit: 4_000 },
    );
  });
  it('gives fixes within the text, after which what could be read still can', () => {
    assert(
      property(broken, (text) => {
        const findings = lintSigma([{ file: 'a.yml', text }], context);
        for (const { fix, line, column } of findings) {
          expect(Math.min(line, column)).toBeGreaterThan(0);
          for (const { from, to } of fix?.edits ?? []) expect(from <= to && to <= text.length).toBe(true);
        }
        if (findings.some(({ code }) => code === 'unreadable')) return;
        const fixed = lintSigma([{ file: 'a.yml', text: applyFixes(text, findings).text }], context);
        expect(fixed.filter(({ code }) => code === 'unreadable')).toEqual([]);
      }),
      { numRuns: 600, interruptAfterTimeLimit: 4_000 },
    );
  });
  it('changes nothing of what a rule matches with the fixes of values', () => {
    const letters = constantFrom('a', 'b', '*', '?', '\\', '\\*', '.*', '.');
    const value = array(letters, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
    const modifiers = constantFrom('', '|contains', '|startswith', '|endswith', '|contains|all', '|all', '|re');
    const event = string({ unit: constantFrom('a', 'b', '*', '\\', '.'), maxLength: 8 });
    let fixed = 0;
    assert(
      property(modifiers, array(value, { minLength: 1, maxLength: 3 }), array(event, { maxLength: 20 }), (names, values, events) => {
        const list = values.map((one) => `            - '${one}'`).join('\n');
        const field = names === '' && values.length === 3 ? '' : `F${names}`;
        const text = ruleText(field === '' ? `    s:\n${list}\n    condition: s` : `    s:\n        ${field}:\n${list}\n    condition: s`);
        const findings = lintSigma([{ file: 'a.yml', text }]).filter(({ fix, code }) => fix !== undefined && code !== 'unknown-modifier');
        const [before, after] = [text, applyFixes(text, findings).text].map((one) => parseRules(one, 'a.yml').rules);
        fixed += findings.length > 0 && before?.length === 1 ? 1 : 0;
        if (before?.length !== 1) return;
        for (const one of events)
          expect([text, one, plainMatch({ F: one }, after ?? [], anything).length]).toEqual([
            text,
            one,
            plainMatch({ F: one }, before, anything).length,
          ]);
      }),
      { numRuns: 3_000, interruptAfterTimeLimit: 4_500 },
    );
    expect(fixed).toBeGreaterThan(0);
  });
  it('ends soon for a rule made to be slow', () => {
    const values = (from: number): string => Array.from({ length: 8_000 }, (_, at) => `            - 'v${from + at}'`).join('\n');
    const same = `    a:\n        F:\n${values(0)}\n    b:\n        F:\n${values(100_000)}\n    condition: a and b`;
    const names = `    a:\n        F: 'x'\n    condition: ${'nobody_knows_this_name or '.repeat(600)}a`;
    for (const text of [same, names]) expect(lintSigma([{ file: 'a.yml', text: ruleText(text) }]).length).toBeGreaterThan(0);
    const lines = `${ruleText("    a:\n        F: 'x'\n    condition: a")}\n${'# x  \r\n'.repeat(40_000)}`;
    const fixed = applyFixes(lines, lintSigma([{ file: 'a.yml', text: lines }]));
    expect(fixed.applied).toBeGreaterThan(10_000);
  }, 20_000);
});
