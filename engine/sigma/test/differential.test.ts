/** The indexed evaluator against the plain one: identical matches on real events and on generated rules and events. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRules, parseRules, type Pipelines, type SigmaRule } from '../index.ts';
import { fillPlaceholders } from '../placeholders.ts';
import { plainMatch } from '../plain/index.ts';
import { anything, corpusRules, hasCorpus, hasLanes, ourPipelines, readObject, regressionCases, shared } from './support.ts';

const placeholders = { known_cdcs: ['dc01', 'dc02*'] };

function disagreements(rules: readonly SigmaRule[], events: readonly object[], pipelines: Pipelines): string[] {
  const faults: string[] = [];
  const set = compileRules(rules, { pipelines, placeholders, onFault: (id) => faults.push(id) });
  const filled = rules.map((rule) => fillPlaceholders(rule, placeholders));
  const wrong = events.flatMap((event, index) => {
    const indexed = set.match(event).map(({ rule }) => rule.id);
    const plain = plainMatch(event, filled, pipelines).map((rule) => rule.id);
    return indexed.join() === plain.join() ? [] : [`event ${index}: indexed ${indexed.join()} plain ${plain.join()}`];
  });
  return [...wrong, ...faults];
}

/** Every n-th line, so that all kinds of events come. */
function sample(lane: string, count: number): object[] {
  const text = zstdDecompressSync(readFileSync(join(shared, 'data', 'bench', `${lane}.ndjson.zst`))).toString();
  const lines = text.trimEnd().split('\n');
  const step = Math.max(1, Math.floor(lines.length / count));
  return lines.filter((_, index) => index % step === 0).map((line) => readObject(line));
}

describe.skipIf(!hasCorpus)('on every rule of the corpus', () => {
  it.skipIf(!hasLanes)(
    'both evaluators agree on events of the mixed lane',
    () => {
      expect(disagreements(corpusRules(), sample('windows-mix', 250), ourPipelines())).toEqual([]);
    },
    240_000,
  );
  it.skipIf(!hasLanes)(
    'both evaluators agree on events of the process lane',
    () => {
      expect(disagreements(corpusRules(), sample('windows-process', 40), ourPipelines())).toEqual([]);
    },
    240_000,
  );
  it('both evaluators agree on regression events', () => {
    const events = regressionCases().flatMap((one) => one.events.slice(0, 1));
    expect(
      disagreements(
        corpusRules(),
        events.filter((_, index) => index % 4 === 0),
        ourPipelines(),
      ),
    ).toEqual([]);
  }, 240_000);
});

const letters = fc.string({ unit: fc.constantFrom(...'aAbB\\/-*?%. \n0é–ΣĐ'.split('')), maxLength: 8 });
const word = fc.oneof(
  letters,
  fc.constantFrom('abcdefgh', 'ABCDEFGHIJ', 'bcdefghijkl', 'ab', 'cmd.exe', '-a -b', '/a', '10.0.0.1', '42', ''),
);
const value = fc.oneof(word, fc.integer({ min: -3, max: 50 }), fc.boolean(), fc.constant(null));
const field = fc.constantFrom('A', 'B', 'EventID', 'C.D', 'constructor');
const modifiers = fc.constantFrom(
  '',
  '|contains',
  '|startswith',
  '|endswith',
  '|contains|windash',
  '|endswith|cased',
  '|cased',
  '|neq',
  '|contains|neq',
  '|base64offset|contains',
  '|wide|base64',
);
const quote = (text: string): string => `'${text.replaceAll("'", "''").replaceAll('\n', ' ')}'`;
const item = fc.oneof(
  fc
    .tuple(field, modifiers, fc.array(word, { minLength: 1, maxLength: 3 }))
    .map(([name, mods, words]) => `${name}${mods}: [${words.map(quote).join(', ')}]`),
  fc
    .tuple(field, fc.array(word, { minLength: 2, maxLength: 3 }))
    .map(([name, words]) => `${name}|contains|all: [${words.map(quote).join(', ')}]`),
  fc.tuple(field, fc.constantFrom('null', "''", '42', 'true')).map(([name, text]) => `${name}: ${text}`),
  fc.tuple(field, fc.constantFrom('gt', 'lte'), fc.integer({ min: -1, max: 43 })).map(([name, op, number]) => `${name}|${op}: ${number}`),
  fc.tuple(field, field, fc.constantFrom('', '|contains')).map(([a, b, position]) => `${a}|fieldref${position}: ${b}`),
  fc
    .tuple(field, fc.constantFrom('a+b', '[ab]{2,}', '(a|b)*c?$', '^.?a', '\\bcmd', 'x*', '(?i)ABC.*k'))
    .map(([name, pattern]) => `${name}|re: ${quote(pattern)}`),
  fc.tuple(field, fc.boolean()).map(([name, there]) => `${name}|exists: ${there}`),
);
const detection = fc.oneof(
  fc
    .uniqueArray(item, { minLength: 1, maxLength: 3, selector: (text) => text.split(':')[0] })
    .map((items) => items.map((text) => `        ${text}`).join('\n')),
  fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.map((text) => `        - ${text}`).join('\n')),
  fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.map((text) => `        - ${quote(text)}`).join('\n')),
);
const condition = fc.constantFrom(
  's0',
  's0 and s1',
  's0 or s1',
  's0 and not s1',
  'not s0',
  '1 of them',
  'all of them',
  '2 of them',
  'not (s0 or s2) and s1',
  'not 1 of s*',
);
const rule = fc
  .tuple(detection, detection, detection, condition)
  .map(
    ([a, b, c, text]) =>
      `title: T\nlogsource:\n    product: test\ndetection:\n    s0:\n${a}\n    s1:\n${b}\n    s2:\n${c}\n    condition: ${text}`,
  );
const event = fc.record(
  {
    A: fc.oneof(value, fc.array(value, { maxLength: 3 })),
    B: value,
    EventID: value,
    C: fc.oneof(fc.record({ D: value }), fc.array(fc.record({ D: value }), { maxLength: 2 })),
  },
  { requiredKeys: [] },
);

describe('on generated rules and events', () => {
  it('both evaluators agree', () => {
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 6 }), fc.array(event, { minLength: 1, maxLength: 8 }), (texts, events) => {
        const rules = texts.flatMap((text, index) => parseRules(text, String(index)).rules);
        expect(disagreements(rules, events, anything)).toEqual([]);
      }),
      { numRuns: 3_000, interruptAfterTimeLimit: 5_000, markInterruptAsFailure: false },
    );
  });
});
