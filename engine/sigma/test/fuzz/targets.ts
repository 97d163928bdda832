/** What is fuzzed: for each target its inputs, and what must hold for every one of them. */
import * as fc from 'fast-check';
import {
  applyFilters,
  applyProcessing,
  compileRules,
  loadPipelines,
  loadProcessingPipeline,
  parseRules,
  parseSigma,
  SigmaError,
  type SigmaRule,
} from '../../index.ts';
import { compileGlob } from '../../indexed/glob.ts';
import { prepareLiteral } from '../../indexed/logic.ts';
import { fold, foldDashes } from '../../match/fold.ts';
import type { StringTest } from '../../model.ts';
import { parseCondition } from '../../parse/condition.ts';
import { parseString, tidy } from '../../parse/string.ts';
import { matchesString } from '../../plain/index.ts';
import { compileRegex } from '../../regex/compile.ts';
import { disagreements } from '../agree.ts';
import { eventFor } from '../generate/event.ts';
import { Random } from '../generate/random.ts';
import { ruleYaml } from '../generate/rule.ts';
import { anything, onlyRule, ruleText as ruleAround } from '../support.ts';
import * as texts from './texts.ts';

/** Runs something; throws where it took longer than `mostMs`: 50 where nothing is said, what one event may cost. */
export type Watch = <Result>(what: string, run: () => Result, mostMs?: number) => Result;

/** What reading a rule, a condition or an expression may take: that is done once. */
const ONCE_MS = 1_000;

export interface Target {
  readonly name: string;
  property(watch: Watch): fc.IProperty<[...unknown[]]>;
}

/** The result, or undefined for an expected refusal; anything else that is thrown is a crash. */
function refusing<Result>(run: () => Result): Result | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof SigmaError) return undefined;
    throw error;
  }
}

function rulesOf(text: string): SigmaRule[] {
  const { rules, failures } = parseRules(text, 'fuzz.yml');
  for (const failure of failures) if (failure.reason.startsWith('Unexpected')) throw new Error(`${failure.reason} in ${text}`);
  if (rules.length + failures.length === 0) throw new Error('neither rules nor failures');
  return rules;
}

/** Matching throws nothing, faults are the engine's own refusals, and both evaluators agree where nothing was refused. */
function holdsOn(
  rules: readonly SigmaRule[],
  events: readonly object[],
  { watch, pipelines = anything }: { watch: Watch; pipelines?: typeof anything },
): void {
  const faults: unknown[] = [];
  const set = compileRules(rules, { pipelines, onFault: (_, error) => faults.push(error) });
  const bytes = events.map((event) => new TextEncoder().encode(JSON.stringify(event)));
  // The first event of a kind has its bucket built; from the second on it costs what it costs.
  for (const event of events) watch('the first event of a kind', () => set.match(event), ONCE_MS);
  for (const event of events) watch('an event', () => set.match(event));
  for (const json of bytes) watch('an event', () => set.matchJson(json));
  for (const fault of faults) if (!(fault instanceof SigmaError)) throw fault;
  if (faults.length > 0 || set.unusable.length > 0) return;
  const wrong = disagreements(rules, events, pipelines);
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
}

const rule: Target = {
  name: 'rule',
  property: (watch) =>
    fc.property(texts.ruleText, fc.integer(), (text, seed) => {
      const rules = watch('a rule', () => rulesOf(text), ONCE_MS);
      const random = new Random(seed);
      holdsOn(rules, [{}, eventFor(rules, random), eventFor(rules, random, 40)], { watch });
    }),
};

const condition: Target = {
  name: 'condition',
  property: (watch) =>
    fc.property(texts.conditionText, fc.nat(7), (text, bits) => {
      const tree = refusing(() => watch('a condition', () => parseCondition(text, ['s0', 's1', '_x']), ONCE_MS));
      if (tree === undefined) return;
      const one = { ...onlyRule(ruleAround('    s0: {A: 1}\n    s1: {B: 1}\n    _x: {C: 1}\n    condition: s0')), conditions: [tree] };
      holdsOn([one], [{ A: bits & 1, B: (bits >> 1) & 1, C: bits >> 2 }], { watch });
    }),
};

const pipeline: Target = {
  name: 'pipeline',
  property: (watch) =>
    fc.property(texts.pipelineText, fc.integer(), (text, seed) => {
      const pipelines = refusing(() => watch('a pipeline', () => loadPipelines([text]), ONCE_MS));
      if (pipelines === undefined) return;
      const random = new Random(seed);
      const one = onlyRule(ruleAround("    s:\n        F|contains: 'a'\n    k:\n        - 'b'\n    condition: s or k or not s"));
      const events = Array.from({ length: 4 }, () => {
        const value = (): unknown => random.pick(['a', 'b', 1, null, ['a', 'b'], { F: 'a', i: 'a' }]);
        return { ...eventFor([one], random), a: { b: value(), F: value() }, g: value(), h: { i: value() }, id: value(), product: 'test' };
      });
      holdsOn([one], events, { watch, pipelines });
    }),
};

const wildcard: Target = {
  name: 'wildcard',
  property: (watch) =>
    fc.property(texts.wildcardText, texts.subject, fc.boolean(), fc.boolean(), (pattern, text, cased, dashes) => {
      const test: StringTest = { kind: 'string', text: pattern, parts: tidy(parseString(pattern)), cased, dashes };
      const glob = compileGlob(test);
      const dashed = dashes ? foldDashes(text) : text;
      const found = refusing(() => watch('a wildcard', () => glob(cased ? dashed : fold(dashed))));
      if (prepareLiteral(test, pattern).length !== pattern.length) throw new Error('folding changed the length');
      // The plain walk costs pattern times text: long ones are only held to their time.
      if (found !== undefined && pattern.length * text.length < 200_000 && matchesString(test, text) !== found)
        throw new Error(`the plain walk says ${!found}`);
    }),
};

const regex: Target = {
  name: 'regex',
  property: (watch) =>
    fc.property(texts.regexText, texts.subject, fc.constantFrom('', 'i', 'm', 's', 'ims'), (pattern, text, flags) => {
      // Blanks are no flags: another text of flags is compiled anew, where the cache would hide how long that takes.
      let round = 0;
      const compiled = watch('an expression', () => tryCompile(pattern, flags + ' '.repeat(round++)), ONCE_MS);
      if (compiled === undefined) return;
      const found = refusing(() => watch('an expression on a text', () => compiled.test(text)));
      const { literals } = compiled;
      const folded = fold(text);
      if (found === true && literals !== undefined && !literals.some((literal) => folded.includes(literal)))
        throw new Error(`matched without any of ${JSON.stringify(literals)}`);
      if (found === false && compiled.isNative(text) && compiled.find(text) !== undefined) throw new Error('found where test says none');
    }),
};

/** What the flavour does not allow is refused with an `Error` that says why. */
function tryCompile(pattern: string, flags: string): ReturnType<typeof compileRegex> | undefined {
  try {
    return compileRegex(pattern, flags);
  } catch (error) {
    if (error instanceof Error && error.constructor === Error) return undefined;
    throw error;
  }
}

/** Pipelines that change rules: what they make of a rule can be matched, or the rule is listed with a reason. */
const processing: Target = {
  name: 'processing',
  property: (watch) =>
    fc.property(texts.processingText, ruleYaml, fc.integer(), (text, yaml, seed) => {
      const loaded = refusing(() => watch('a pipeline', () => loadProcessingPipeline(text, 'fuzz.yml'), ONCE_MS));
      if (loaded === undefined) return;
      const { rules, failures } = watch('a change of rules', () => applyProcessing(rulesOf(yaml), [loaded]), ONCE_MS);
      for (const failure of failures) if (failure.reason.startsWith('Unexpected')) throw new Error(failure.reason);
      holdsOn(rules, [{}, eventFor(rules, new Random(seed))], { watch });
    }),
};

const correlation: Target = {
  name: 'correlation',
  property: (watch) =>
    fc.property(texts.correlationText, (text) => {
      const { correlations, failures } = watch('a correlation', () => parseSigma(text, 'fuzz.yml'), ONCE_MS);
      for (const failure of failures) if (failure.reason.startsWith('Unexpected')) throw new Error(`${failure.reason} in ${text}`);
      for (const { timespanMs } of correlations) if (!(timespanMs > 0)) throw new Error(`a time span of ${timespanMs} ms`);
    }),
};

/** Filters: what they make of the rules they name can be matched, or they are listed with a reason. */
const filter: Target = {
  name: 'filter',
  property: (watch) =>
    fc.property(texts.filterText, ruleYaml, fc.integer(), (text, yaml, seed) => {
      const { filters, failures } = watch('a filter', () => parseSigma(text, 'fuzz.yml'), ONCE_MS);
      for (const failure of failures) if (failure.reason.startsWith('Unexpected')) throw new Error(`${failure.reason} in ${text}`);
      const rules = [...rulesOf(yaml), onlyRule(ruleAround("    s:\n        F|contains: 'a'\n    condition: s"))];
      const filtered = watch('filters joined', () => applyFilters(rules, filters), ONCE_MS);
      if (filtered.rules.length !== rules.length) throw new Error('a filter lost a rule');
      holdsOn(filtered.rules, [{}, { F: 'a', G: 'bb' }, { F: 'xa', k: 'k' }, eventFor(filtered.rules, new Random(seed))], { watch });
    }),
};

export const TARGETS: readonly Target[] = [rule, condition, pipeline, wildcard, regex, processing, correlation, filter];
