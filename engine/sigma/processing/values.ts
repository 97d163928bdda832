/** Transformations of the values of detection items. */
import { SigmaError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { ANY, ONE, type Detection, type Item, type Part, type StringTest, type Test } from '../model.ts';
import { DASHES, toTests } from '../parse/modifiers.ts';
import { parseString, tidy } from '../parse/string.ts';
import type { Scalar } from '../parse/yaml.ts';
import { compileRegex } from '../regex/compile.ts';
import { snakeCase } from './case.ts';
import type { Transform } from './model.ts';
import { type Params, refuse } from './params.ts';
import { replacer } from './regex.ts';
import { partsOf, textOf, withParts } from './text.ts';

type ReadTransform = (params: Params) => Transform;
/** What a value becomes: several, or undefined to leave it. */
type ChangeTest = (test: Test, item: Item) => readonly Test[] | undefined;

export const VALUE_TRANSFORMATIONS: ReadonlyMap<string, ReadTransform> = new Map<string, ReadTransform>([
  ['replace_string', readReplaceString],
  ['map_string', readMapString],
  ['set_value', readSetValue],
  ['convert_type', readConvertType],
  ['case', readCase],
  ['regex', readRegex],
]);

/** Changes values one by one. Modifiers that say where a value stands are then part of the values and leave the item. */
export function changeValues(change: ChangeTest): Transform {
  return (draft, processing) =>
    draft.changeItems(processing, (item) => {
      const tests = item.tests.map((test) => change(test, item));
      if (tests.every((changed) => changed === undefined)) return undefined;
      return itemWith(
        item,
        tests.map((changed, index) => changed ?? item.tests.slice(index, index + 1)),
      );
    });
}

const POSITIONS: readonly string[] = ['contains', 'startswith', 'endswith', 're', 'cased', 'windash', 'expand'];

/** The item with other tests: several in the place of one are alternatives, also where `all` joins the values. */
function itemWith(item: Item, perValue: readonly (readonly Test[])[]): Detection {
  const changed = { ...item, modifiers: item.modifiers.filter((name) => !POSITIONS.includes(name)) };
  if (item.link === 'any' || perValue.every((tests) => tests.length === 1)) return { ...changed, tests: unique(perValue.flat()) };
  if (item.negated) throw failure(item, 'values that "all" joins and "neq" negates become several');
  return { kind: 'and', children: perValue.map((tests): Item => ({ ...changed, link: 'any', tests: [...tests] })) };
}

function unique(tests: readonly Test[]): Test[] {
  const seen = new Set<string>();
  return tests.filter((test) => {
    const key = JSON.stringify(test);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

export function failure(item: Item, reason: string): SigmaError {
  return new SigmaError('SIGMA_TRANSFORMATION', { item: item.field ?? 'keywords', reason }, item.place);
}

function ofStrings(change: (test: StringTest, item: Item) => readonly Test[] | undefined): Transform {
  return changeValues((test, item) => (test.kind === 'string' ? change(test, item) : undefined));
}

function readReplaceString(params: Params): Transform {
  const replace = replacer(params.text('regex'), params.optionalText('replacement') ?? '', params.place);
  const onlyText = params.flag('skip_special');
  const interpret = params.flag('interpret_special');
  const literal = (part: Part): readonly Part[] => {
    if (typeof part !== 'string') return [part];
    const text = replace(part);
    return interpret && text !== part ? parseString(text) : [text];
  };
  return ofStrings((test) => {
    if (onlyText) return [withParts(test, tidy(test.parts.flatMap(literal)))];
    const before = textOf(test.parts);
    const after = replace(before);
    return after === before ? undefined : [withParts(test, partsOf(after, test.parts))];
  });
}

function readMapString(params: Params): Transform {
  const mapping = params.mapping('mapping');
  return ofStrings((test) => {
    const mapped = mapping.get(textOf(test.parts));
    return mapped?.map((text) => withParts(test, tidy(parseString(text))));
  });
}

function readSetValue(params: Params): Transform {
  const given = params.scalar('value');
  const force = params.node('force_type') === undefined ? undefined : params.oneOf('force_type', ['str', 'num']);
  if (force === 'num' && !isNumber(String(given))) refuse(`"value" is no number`, params.place);
  if (force !== undefined && (given === null || typeof given === 'boolean')) refuse('"force_type" is for texts and numbers', params.place);
  const value: Scalar = force === undefined ? given : String(given);
  const tests = toTests(value, { names: [], link: 'any', negated: false }, { item: 'value', place: params.place });
  return changeValues(() => tests);
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}

/** Values are compared as texts, numbers too: nothing changes, but that a text which is no number is refused. */
function readConvertType(params: Params): Transform {
  const target = params.oneOf('target_type', ['str', 'num']);
  return ofStrings((test, item) => {
    if (target === 'num' && !isNumber(textOf(test.parts))) throw failure(item, `"${textOf(test.parts).slice(0, 100)}" is no number`);
    return undefined;
  });
}

function readCase(params: Params): Transform {
  const method = params.oneOf('method', ['lower', 'upper', 'snake_case'], 'lower');
  const change = (text: string): string =>
    method === 'lower' ? text.toLowerCase() : method === 'upper' ? text.toUpperCase() : snakeCase(text);
  return ofStrings((test) => [
    withParts(
      test,
      test.parts.map((part) => (typeof part === 'string' ? change(part) : part)),
    ),
  ]);
}

const REGEX_METHODS = ['ignore_case_brackets', 'ignore_case_flag', 'plain'] as const;

/** A text as a regular expression that matches the same values: whole where it has no wildcard at its ends. */
function readRegex(params: Params): Transform {
  const method = params.oneOf('method', REGEX_METHODS, 'ignore_case_brackets');
  const flags = method === 'plain' ? 's' : 'is';
  return ofStrings((test, item) => {
    if (test.parts.length === 0) return undefined;
    const pattern = patternOf(test, item);
    if (pattern.length > LIMITS.regexLength) throw failure(item, 'a value is too long for a regular expression');
    compileRegex(pattern, flags);
    return [{ kind: 'regex', text: pattern, pattern, flags }];
  });
}

function patternOf(test: StringTest, item: Item): string {
  const { parts } = test;
  // A keyword is looked for anywhere in the text.
  const whole = item.field !== null;
  const inner = parts.map((part, index) => {
    if (part === ANY) return index === 0 || index === parts.length - 1 ? '' : '.*';
    if (part === ONE) return '.';
    if (typeof part === 'string') return escaped(part, test.dashes);
    throw failure(item, `the placeholder %${part.placeholder}% must be replaced before it can become a regular expression`);
  });
  return `${whole && parts[0] !== ANY ? '\\A' : ''}${inner.join('')}${whole && parts.at(-1) !== ANY ? '\\z' : ''}`;
}

function escaped(text: string, dashes: boolean): string {
  const plain = text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
  return dashes ? plain.replace(/[-/\u2013\u2014\u2015]/g, `[\\-/${DASHES.slice(2)}]`) : plain;
}
