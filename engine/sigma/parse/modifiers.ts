/** Field modifiers (specification: Modifiers Appendix), applied to a value in the order they are written. */
import { SigmaError, type Place } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { ANY, type DatePart, type Part, type Position, type Test } from '../model.ts';
import { compileRegex } from '../regex/compile.ts';
import { base64, base64Offsets, utf16, utf8 } from './encode.ts';
import { parseNetwork } from './ip.ts';
import { parseString, plainText, splitPlaceholders, tidy } from './string.ts';
import type { Scalar } from './yaml.ts';

const POSITIONS = ['contains', 'startswith', 'endswith'] as const satisfies readonly Position[];
const OPERATORS = ['gt', 'gte', 'lt', 'lte'] as const;
const DATE_PARTS = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const satisfies readonly DatePart[];
const ENCODINGS: readonly string[] = ['base64', 'base64offset', 'wide', 'utf16le', 'utf16be', 'utf16'];
const REGEX_FLAGS: readonly string[] = ['i', 'm', 's'];
/** Every modifier of the specification. */
export const MODIFIERS: readonly string[] = [
  ...POSITIONS,
  ...OPERATORS,
  ...DATE_PARTS,
  ...ENCODINGS,
  ...REGEX_FLAGS,
  'all',
  'exists',
  'cased',
  'neq',
  'windash',
  're',
  'cidr',
  'expand',
  'fieldref',
];

/** Those that leave the value as it is. */
const IN_PLACE: readonly string[] = ['all', 'neq', ...DATE_PARTS];

/** The modifiers of one item, checked. */
export interface Modifiers {
  readonly names: readonly string[];
  readonly link: 'any' | 'all';
  readonly negated: boolean;
  readonly datePart?: DatePart;
}

export interface ItemContext {
  /** The item as written, for messages. */
  readonly item: string;
  readonly place: Place;
}

/** Checks that the modifiers are known and can stand together. */
export function readModifiers(names: readonly string[], context: ItemContext): Modifiers {
  const bad = (reason: string): SigmaError => new SigmaError('SIGMA_MODIFIER', { item: context.item, reason }, context.place);
  for (const [index, name] of names.entries()) {
    if (!MODIFIERS.includes(name)) throw bad(`"${name}" is not known`);
    if (names.indexOf(name) !== index) throw bad(`"${name}" is written twice`);
    if (REGEX_FLAGS.includes(name) && !names.slice(0, index).includes('re')) throw bad(`"${name}" belongs behind "re"`);
  }
  const kinds = ['re', 'cidr', 'exists', 'fieldref', ...OPERATORS].filter((name) => names.includes(name));
  if (kinds.length > 1) throw bad(`"${kinds[0]}" and "${kinds[1]}" exclude each other`);
  const positions = POSITIONS.filter((name) => names.includes(name));
  if (positions.length > 1) throw bad(`"${positions[0]}" and "${positions[1]}" exclude each other`);
  const [kind] = kinds;
  if (kind !== undefined && kind !== 'fieldref') {
    const clash = names.find(
      (name) => POSITIONS.some((known) => known === name) || ENCODINGS.includes(name) || ['windash', 'cased', 'expand'].includes(name),
    );
    if (clash !== undefined && !(clash === 'expand' && kind === 're')) throw bad(`"${clash}" has no meaning beside "${kind}"`);
  }
  const parts = DATE_PARTS.filter((name) => names.includes(name));
  if (parts.length > 1) throw bad(`"${parts[0]}" and "${parts[1]}" exclude each other`);
  const [datePart] = parts;
  return {
    names,
    link: names.includes('all') ? 'all' : 'any',
    negated: names.includes('neq'),
    ...(datePart === undefined ? {} : { datePart }),
  };
}

/** The tests one value stands for: several with `base64offset`. Joined with or. */
export function toTests(value: Scalar, modifiers: Modifiers, context: ItemContext): Test[] {
  const text = value === null ? 'null' : String(value);
  const bad = (reason: string): SigmaError => new SigmaError('SIGMA_VALUE', { item: context.item, reason }, context.place);
  if (text.length > LIMITS.valueLength) throw bad(`it is longer than ${LIMITS.valueLength} characters`);
  const has = (name: string): boolean => modifiers.names.includes(name);
  if (has('exists')) {
    const expected = typeof value === 'boolean' ? value : /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : undefined;
    if (expected === undefined) throw bad('"exists" takes true or false');
    return [{ kind: 'exists', text, expected }];
  }
  const transforms = modifiers.names.filter((name) => !IN_PLACE.includes(name));
  if (value === null) {
    if (transforms.length > 0) throw bad(`null cannot be modified by "${transforms[0]}"`);
    return [{ kind: 'null', text }];
  }
  if (has('re')) return [regexTest(text, modifiers.names, context)];
  if (has('cidr')) {
    const network = parseNetwork(text);
    if (network === undefined) throw bad(`"${text}" is not a network`);
    return [{ kind: 'cidr', text, ...network }];
  }
  const operator = OPERATORS.find(has);
  if (operator !== undefined) {
    const number = Number(text);
    if (text.trim() === '' || !Number.isFinite(number)) throw bad(`"${operator}" takes a number`);
    return [{ kind: 'compare', text, operator, value: number }];
  }
  const position: Position = POSITIONS.find(has) ?? 'equals';
  if (has('fieldref')) return [{ kind: 'fieldref', text, field: text, position, cased: has('cased') }];
  return stringTests(text, modifiers.names, bad);
}

function regexTest(text: string, names: readonly string[], context: ItemContext): Test {
  const flags = REGEX_FLAGS.filter((flag) => names.includes(flag)).join('');
  try {
    compileRegex(text, flags);
  } catch (error) {
    throw new SigmaError(
      'SIGMA_REGEX',
      { item: context.item, reason: String(error instanceof Error ? error.message : error) },
      context.place,
    );
  }
  return { kind: 'regex', text, pattern: text, flags };
}

function stringTests(text: string, names: readonly string[], bad: (reason: string) => SigmaError): Test[] {
  let variants: Part[][] = [parseString(text)];
  let dashes = false;
  const encodes = names.some((name) => ENCODINGS.includes(name));
  for (const name of names) {
    if (name === 'expand') variants = variants.map((parts) => splitPlaceholders(parts));
    else if (name === 'windash' && encodes) variants = variants.flatMap((parts) => dashVariants(parts));
    else if (name === 'windash') dashes = true;
    else if (ENCODINGS.includes(name)) variants = variants.flatMap((parts) => encode(parts, name, bad));
    else if (name === 'contains') variants = variants.map((parts) => [ANY, ...parts, ANY]);
    else if (name === 'startswith') variants = variants.map((parts) => [...parts, ANY]);
    else if (name === 'endswith') variants = variants.map((parts) => [ANY, ...parts]);
    if (variants.length > LIMITS.expansions) throw bad('its modifiers make too many values of it');
  }
  const cased = names.includes('cased');
  return variants.map((parts) => ({ kind: 'string', text, parts: tidy(parts), cased, dashes }));
}

function encode(parts: readonly Part[], name: string, bad: (reason: string) => SigmaError): Part[][] {
  const plain = plainText(parts);
  if (plain === undefined) throw bad(`"${name}" cannot encode wildcards or placeholders`);
  if (name === 'wide' || name === 'utf16le') return [[utf16(plain, 'utf16le')]];
  if (name === 'utf16be' || name === 'utf16') return [[utf16(plain, name)]];
  // A byte string comes from `wide` and its like; a text is taken as UTF-8.
  const bytes = /^[\0-\u00FF]*$/.test(plain) && plain.includes('\0') ? plain : utf8(plain);
  return name === 'base64' ? [[base64(bytes)]] : base64Offsets(bytes).map((variant) => [variant]);
}

/** The five dash characters of `windash`. */
export const DASHES = '-/\u2013\u2014\u2015';

/** Every way to write the dashes: needed only where an encoding follows; elsewhere the matcher treats dashes as one. */
function dashVariants(parts: readonly Part[]): Part[][] {
  const plain = plainText(parts);
  if (plain === undefined) return [[...parts]];
  let variants = [''];
  for (const character of plain) {
    const choices = DASHES.includes(character) ? DASHES.split('') : [character];
    variants = variants.flatMap((start) => choices.map((choice) => start + choice));
    if (variants.length > LIMITS.expansions) return variants.map((text) => [text]);
  }
  return variants.map((text) => [text]);
}
