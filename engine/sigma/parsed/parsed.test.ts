import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRules, decodeParsed, encodeParsed, parseSigma, type SigmaDocuments } from '../index.ts';
import { MODIFIERS } from '../parse/modifiers.ts';
import { laneLines, sampleLines } from '../test/events.ts';
import { broken } from '../test/fuzz/texts.ts';
import { ruleYaml } from '../test/generate/rule.ts';
import { anything, hasCorpus, hasLanes, ourPipelines, shared } from '../test/support.ts';
import { Damaged } from './codec.ts';
import { documents } from './documents.ts';
import { SAMPLES } from './samples.ts';

/** What is kept of a text, taken back. */
const kept = (text: string, file: string): SigmaDocuments | undefined => decodeParsed(encodeParsed(parseSigma(text, file), text), text);
const encodedSample = (at: 0 | 1): string => encodeParsed(parseSigma(SAMPLES[at].text, SAMPLES[at].file), SAMPLES[at].text);

describe('what is taken back equals what was parsed', () => {
  it.each(SAMPLES.map(({ file, text }) => [file, text] as const))('of %s', (file, text) => {
    expect(kept(text, file)).toStrictEqual(parseSigma(text, file));
  });
  it.skipIf(!hasCorpus)("of every file of SigmaHQ's set, and the rule set made of it matches the same", () => {
    const both = globSync(join(shared, 'data', 'sigmahq', 'rules*', '**', '*.yml')).map((file) => {
      const text = readFileSync(file, 'utf8');
      const parsed = parseSigma(text, file);
      return [parsed, decodeParsed(encodeParsed(parsed, text), text)] as const;
    });
    expect(both.length).toBeGreaterThan(3_000);
    expect(both.filter(([before, after]) => !isDeepStrictEqual(before, after))).toEqual([]);
    const [before, after] = [0, 1].map((side) =>
      compileRules(
        both.flatMap((pair) => pair[side]?.rules ?? []),
        { pipelines: ourPipelines() },
      ),
    );
    expect(after!.size).toBe(before!.size);
    if (!hasLanes) return;
    const lines = sampleLines(laneLines('windows-mix'), 400).map((line) => new TextEncoder().encode(line));
    const ids = (set = before): string[][] => lines.map((line) => set!.matchJson(line).map(({ rule }) => rule.id));
    expect(ids(before).flat().length).toBeGreaterThan(50);
    expect(ids(after)).toEqual(ids(before));
  });
  it('of generated rules, and of texts that are nearly rules', () => {
    const texts = fc.oneof(
      fc.array(ruleYaml, { minLength: 1, maxLength: 3 }).map((each) => each.join('\n---\n')),
      broken(ruleYaml),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(kept(text, 'generated.yml')).toStrictEqual(parseSigma(text, 'generated.yml'));
      }),
      { numRuns: 500, interruptAfterTimeLimit: 4_000 },
    );
  });
  it('but for the source of each document, where the text is not at hand', () => {
    const [{ file, text }] = SAMPLES;
    const sourceless = parseSigma(text, file).rules.map((rule) => ({ ...rule, source: '' }));
    expect(decodeParsed(encodedSample(0))?.rules).toStrictEqual(sourceless);
  });
});

describe('the version of the form', () => {
  it('is raised whenever something else is made of a file', () => {
    const heads = SAMPLES.map(({ file, text }) => encodeParsed(parseSigma(text, file), text).split('.', 2).join('.'));
    const why = 'What is kept of a file has changed: raise PARSED_FORMAT (parsed/index.ts), then write down the new heads here.';
    expect({ heads, why }).toEqual({ heads: ['1.066f1463', '1.f8397d44', '1.977e17b6', '1.8c29c611'], why });
  });
  it('is held on files with every modifier, and every kind of document', () => {
    const used = [...SAMPLES[0].text.matchAll(/\|(\w+)/g)].map(([, name]) => name);
    expect(MODIFIERS.filter((name) => !used.includes(name))).toEqual([]);
    const [rules, others] = SAMPLES.map(({ file, text }) => parseSigma(text, file));
    expect(rules).toMatchObject({ rules: [{ conditions: { length: 3 } }, { id: 'rules.yml' }], failures: [] });
    expect(others).toMatchObject({ correlations: { length: 2 }, filters: { length: 2 }, failures: { length: 3 } });
  });
  it('decides: what another one wrote is not taken back', () => {
    expect(decodeParsed(encodedSample(0).replace(/^\d+/, (format) => String(Number(format) + 1)))).toBeUndefined();
    for (const text of ['', '1', '[]', '1.00000000.[]', encodedSample(0).slice(2)]) expect(decodeParsed(text)).toBeUndefined();
  });
});

describe('what was damaged', () => {
  it('is noticed wherever a character is missing or another one', () => {
    const whole = encodedSample(1);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.constantFrom('', 'x', '"', '0', '1', 'đ', '[', '\\', '\0'), (at, character) => {
        fc.pre(whole[at] !== character);
        expect(decodeParsed(whole.slice(0, at) + character + whole.slice(at + 1), SAMPLES[1].text)).toBeUndefined();
        expect(decodeParsed(whole.slice(0, at), SAMPLES[1].text)).toBeUndefined();
      }),
      { numRuns: 1_000, interruptAfterTimeLimit: 4_000 },
    );
  });
  it('on purpose is refused, or still compiles', () => {
    const bodies = ([0, 1] as const).map((at) => JSON.parse(encodedSample(at).slice(11)) as unknown);
    fc.assert(
      fc.property(fc.constantFrom(...bodies), fc.array(fc.nat(40), { maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), (body, path, put) => {
        const changed = changedAt(body, path, put);
        let decoded: SigmaDocuments;
        try {
          decoded = documents.decode(changed, '');
        } catch {
          return;
        }
        compileRules(decoded.rules, { pipelines: anything, placeholders: { name: ['x'] } }).match({ plain: 'x', words: 'alpha' });
      }),
      { numRuns: 2_000, interruptAfterTimeLimit: 4_000 },
    );
  });
  it('by nesting without end is refused', () => {
    const nots = (depth: number): unknown => (depth === 0 ? ['selection', 'selection'] : ['not', nots(depth - 1)]);
    const read = (depth: number) => documents.decode(changedAt(JSON.parse(encodedSample(0).slice(11)), [0, 0, 19, 0], nots(depth)), '');
    expect(read(50).rules[0]?.conditions[0]?.kind).toBe('not');
    expect(() => read(1_000)).toThrow(Damaged);
  });
});

/** A copy with another value at a path; the path wraps around in what is shorter. */
function changedAt(value: unknown, [first, ...rest]: readonly number[], put: unknown): unknown {
  if (first === undefined || !Array.isArray(value) || value.length === 0) return put;
  const at = first % value.length;
  return value.map((each: unknown, index) => (index === at ? changedAt(each, rest, put) : each));
}
