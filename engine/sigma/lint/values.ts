/** Values one by one: wildcards that say too much, too little, or something other than what was meant. */
import { ANY, type Part, type StringTest } from '../model.ts';
import { shorten } from './detections.ts';
import { itemsOf, type LintDetection, type LintDocument, type LintItem, type LintValue } from './document.ts';
import { fieldsOf } from './fields.ts';
import { fixWith } from './source.ts';

/** Names of fields that no text begins with by chance. */
const FIELDS = (fieldsOf('windows', 'process_creation') ?? []).filter((field) => /^[A-Z]\w*[A-Z]/.test(field));
const ENCODED: readonly string[] = ['base64', 'base64offset', 'wide', 'utf16le', 'utf16be', 'utf16'];

/** True where the tests of an item no longer show the value as it is written. */
export function isEncoded(item: LintItem): boolean {
  return item.modifiers?.names.some((name) => ENCODED.includes(name)) === true;
}

/** The string test of a value that is matched as it stands. */
export function stringTest(value: LintValue): StringTest | undefined {
  const [test] = value.tests;
  return value.tests.length === 1 && test?.kind === 'string' ? test : undefined;
}

export function checkValues(detections: readonly LintDetection[], document: LintDocument): void {
  for (const item of detections.flatMap(({ node }) => itemsOf(node))) {
    checkList(item, document);
    if (isEncoded(item)) continue;
    for (const value of item.values) checkValue(item, value, document);
  }
}

function checkList(item: LintItem, document: LintDocument): void {
  const { modifiers, values, key, place } = item;
  if (values.length > 1) {
    const empty = values.find(({ value }) => value === null);
    if (empty !== undefined)
      document.report('null-in-list', empty.place, '"null" cannot be part of a list: give it a detection of its own.');
  }
  if (modifiers?.link !== 'all' || values.length !== 1 || key === null) return;
  const without = key
    .split('|')
    .filter((part) => part.trim() !== 'all')
    .join('|');
  const fix = without === '' ? undefined : fixWith('leave out "all"', document.source.replace(place, key, without));
  document.report('single-all', place, `"all" has no effect on the single value of "${key}".`, fix);
}

function checkValue(item: LintItem, value: LintValue, document: LintDocument): void {
  const test = stringTest(value);
  if (test === undefined || typeof value.value !== 'string') return;
  const { text, parts } = test;
  if (parts.length === 1 && parts[0] === ANY) {
    const what = item.field === null ? 'This keyword' : `This value of "${item.key ?? ''}"`;
    document.report('matches-anything', value.place, `${what} matches whatever there is.`);
    return;
  }
  checkWildcards(item, value, document);
  if (isShort(item, test)) document.report('short-value', value.place, `${shorten(text)} has fewer than three characters to look for.`);
  // A backslash right before the wildcard, in the middle of a path: the star was hardly meant as a star.
  if (/[\w:%)}\]]\\[*?](?=\\)/.test(text) && !/\\\\\*/.test(text))
    document.report(
      'escaped-wildcard',
      value.place,
      `${shorten(text)}: "\\*" is a plain star; write "\\\\*" for a backslash and a wildcard.`,
    );
  const [, field] = item.field === null ? (/^(\w+)(?:\|\w+)*(?:=|:\s)\s*\S/.exec(text) ?? []) : [];
  if (field !== undefined && FIELDS.includes(field))
    document.report(
      'keyword-misuse',
      value.place,
      `${shorten(text)} reads like a field and its value; a keyword is looked for as it stands.`,
    );
}

/** Looked for anywhere, with too few characters to be found fast; beside a longer one that must be there too, it costs little. */
function isShort(item: LintItem, test: StringTest): boolean {
  const anywhere = item.field === null || item.modifiers?.names.includes('contains') === true;
  if (!anywhere || literalLength(test.parts) >= 3) return false;
  return item.modifiers?.link !== 'all' || item.values.every((other) => literalLength(stringTest(other)?.parts ?? []) < 3);
}

function literalLength(parts: readonly Part[]): number {
  let length = 0;
  for (const part of parts) {
    if (typeof part === 'object') return Infinity;
    if (typeof part === 'string') length += part.length;
  }
  return length;
}

const LEADING = /^\*+/;
/** Stars at the end that no backslash makes plain. */
const TRAILING = /(?<=(?:^|[^\\])(?:\\\\)*)\*+$/;

function checkWildcards(item: LintItem, value: LintValue, document: LintDocument): void {
  const text = String(value.value);
  const has = (name: string): boolean => item.modifiers?.names.includes(name) === true;
  const open = item.field === null || has('contains');
  const [leads, trails] = [LEADING.test(text), TRAILING.test(text)];
  const head = leads && (open || has('endswith')) ? text.replace(LEADING, '') : text;
  const bare = trails && (open || has('startswith')) ? head.replace(TRAILING, '') : head;
  if (bare !== text) {
    const fix = bare === '' ? undefined : fixWith(`write ${shorten(bare)}`, document.source.replace(value.place, text, bare));
    document.report('needless-wildcard', value.place, `${shorten(text)}: the wildcard at its end is there anyway.`, fix);
  }
  const defeated = (has('startswith') && leads) || (has('endswith') && trails);
  if (defeated) document.report('defeating-wildcard', value.place, `${shorten(text)}: with this wildcard it means "contains".`);
}

/** Items whose values begin with `*` and could say so with a modifier. */
export function checkLeading(detections: readonly LintDetection[], document: LintDocument): void {
  for (const item of detections.flatMap(({ node }) => itemsOf(node))) {
    const names = item.modifiers?.names;
    if (item.key === null || item.field === null || names === undefined || names.some((name) => name !== 'all' && name !== 'cased'))
      continue;
    const leading = item.values.filter((value) => {
      const parts = stringTest(value)?.parts ?? [];
      return parts.length > 1 && parts[0] === ANY;
    });
    const [first] = leading;
    if (first === undefined) continue;
    const message = `${leading.length} of ${item.values.length} values of "${item.key}" begin with "*"; "endswith" or "contains" says it plainly.`;
    document.report('leading-wildcard', first.place, message, withModifier(item, document));
  }
}

/** One modifier in place of the outer wildcards, where all values have the same ones and none inside. */
function withModifier(item: LintItem, document: LintDocument): ReturnType<typeof fixWith> {
  const shapes = item.values.map((value) => {
    const parts = stringTest(value)?.parts ?? [];
    if (typeof parts[1] !== 'string' || parts[0] !== ANY) return '';
    return parts.length === 2 ? 'endswith' : parts.length === 3 && parts[2] === ANY ? 'contains' : '';
  });
  const [shape] = shapes;
  if (shape === undefined || shape === '' || shapes.some((other) => other !== shape) || item.key === null) return undefined;
  const [field = '', ...rest] = item.key.split('|');
  const edits = [document.source.replace(item.place, item.key, [field, shape, ...rest].join('|'))];
  for (const { value, place } of item.values) {
    const text = String(value);
    edits.push(document.source.replace(place, text, text.replace(LEADING, '').replace(TRAILING, '')));
  }
  const known = edits.filter((edit) => edit !== undefined);
  return known.length === edits.length ? { description: `write ${field}|${shape}`, edits: known } : undefined;
}
