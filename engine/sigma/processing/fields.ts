/** Transformations of field names: in detection items, in field references, in the rule's list of fields. */
import { SigmaError } from '../errors.ts';
import { ANY, type Detection, type Item, type Test } from '../model.ts';
import { tidy } from '../parse/string.ts';
import type { Draft } from './draft.ts';
import type { ProcessingItem, Transform } from './model.ts';
import { type Params, refuse } from './params.ts';
import { snakeCase, titleCase } from './case.ts';

/** What a name becomes; undefined leaves it. Null is a keyword search. */
type Rename = (field: string | null) => readonly string[] | undefined;
type ReadTransform = (params: Params) => Transform;

const MAX_NAME = 1_024;

export const FIELD_TRANSFORMATIONS: ReadonlyMap<string, ReadTransform> = new Map<string, ReadTransform>([
  ['field_name_mapping', (params) => renaming(byMapping(params.mapping('mapping')))],
  ['field_name_prefix_mapping', (params) => renaming(byPrefix(params.mapping('mapping')))],
  ['field_name_prefix', (params) => named(params.text('prefix'), (prefix, field) => prefix + field)],
  ['field_name_suffix', (params) => named(params.text('suffix'), (suffix, field) => field + suffix)],
  ['field_name_transform', readFunction],
  ['add_field', (params) => fieldList(params.texts('field'), (fields, given) => [...fields, ...given])],
  ['remove_field', (params) => fieldList(params.texts('field'), withoutFirst)],
  ['set_field', (params) => fieldList(params.texts('fields'), (_fields, given) => given)],
]);

function byMapping(mapping: ReadonlyMap<string, readonly string[]>): Rename {
  // A key of null (read as an empty name) stands for keyword searches.
  return (field) => mapping.get(field ?? '');
}

function byPrefix(mapping: ReadonlyMap<string, readonly string[]>): Rename {
  return (field) => {
    if (field === null) return undefined;
    const found = [...mapping].find(([prefix]) => field.startsWith(prefix));
    return found?.[1].map((prefix) => prefix + field.slice(found[0].length));
  };
}

function named(affix: string, join: (affix: string, field: string) => string): Transform {
  return renaming((field) => (field === null ? undefined : [join(affix, field)]));
}

const FUNCTIONS: ReadonlyMap<string, (field: string) => string> = new Map([
  ['lower', (field) => field.toLowerCase()],
  ['upper', (field) => field.toUpperCase()],
  ['title', titleCase],
  ['snake_case', snakeCase],
]);

/** `transform_func` is code in pySigma; here it is the name of one of four functions. `mapping` wins over it. */
function readFunction(params: Params): Transform {
  const name = params.text('transform_func');
  const change =
    FUNCTIONS.get(name) ?? refuse(`"transform_func" is "${name}", not one of ${[...FUNCTIONS.keys()].join(', ')}`, params.place);
  const mapping = params.node('mapping') === undefined ? new Map<string, string[]>() : params.mapping('mapping');
  return renaming((field) => (field === null ? undefined : (mapping.get(field) ?? [change(field)])));
}

function fieldList(
  given: readonly string[],
  change: (fields: readonly string[], given: readonly string[]) => readonly string[],
): Transform {
  return (draft) => {
    draft.rule = { ...draft.rule, fields: change(draft.rule.fields, given) };
  };
}

function withoutFirst(fields: readonly string[], given: readonly string[]): readonly string[] {
  const left = [...fields];
  for (const field of given) {
    const at = left.indexOf(field);
    if (at >= 0) left.splice(at, 1);
  }
  return left;
}

function renaming(rename: Rename): Transform {
  return (draft, processing) => {
    const apply = (field: string): readonly string[] => {
      const names = processing.matchesField(field, draft) ? rename(field) : undefined;
      if (names === undefined) return [field];
      if (names.some((name) => name.length > MAX_NAME)) throw new SigmaError('SIGMA_LIMIT', { reason: 'a field name becomes too long' });
      draft.trackField(field, names, processing.id);
      return names;
    };
    draft.rule = { ...draft.rule, fields: draft.rule.fields.flatMap(apply) };
    draft.changeItems(processing, (item) => renameItem(item, { draft, processing, rename, apply }));
  };
}

interface Renaming {
  readonly draft: Draft;
  readonly processing: ProcessingItem;
  readonly rename: Rename;
  readonly apply: (field: string) => readonly string[];
}

function renameItem(item: Item, { draft, processing, rename, apply }: Renaming): Detection | 'drop' | undefined {
  const referring = renameReferences(item, apply);
  const names = processing.matchesField(item.field, draft) ? rename(item.field) : undefined;
  if (names === undefined) return referring === item ? undefined : referring;
  if (names.some((name) => name.length > MAX_NAME)) throw new SigmaError('SIGMA_LIMIT', { reason: 'a field name becomes too long' });
  draft.mapped.add(item.field ?? '');
  for (const name of names) draft.mapped.add(name);
  const base = item.field === null ? anywhere(referring) : referring;
  const items = names.map((field): Item => ({ ...base, field }));
  const [only] = items;
  if (items.length <= 1) return only ?? 'drop';
  // Of a value that must *not* be in a field, none of the fields may hold it.
  return { kind: item.negated ? 'and' : 'or', children: items };
}

/** A keyword is looked for anywhere in the text; in a field too. */
function anywhere(item: Item): Item {
  return {
    ...item,
    tests: item.tests.map((test): Test => (test.kind === 'string' ? { ...test, parts: tidy([ANY, ...test.parts, ANY]) } : test)),
  };
}

/** The item itself where no name it refers to becomes another: it counts as untouched then. */
function renameReferences(item: Item, apply: (field: string) => readonly string[]): Item {
  const names = item.tests.map((test) => (test.kind === 'fieldref' ? apply(test.field) : undefined));
  const tests = item.tests.map((test, index): Test[] =>
    test.kind === 'fieldref'
      ? (names[index] ?? []).map((field) => (field === test.field ? test : { ...test, field, text: field }))
      : [test],
  );
  if (tests.every((several, index) => several.length === 1 && several[0] === item.tests[index])) return item;
  if (item.link === 'all' && tests.some((several) => several.length !== 1))
    throw new SigmaError('SIGMA_TRANSFORMATION', {
      item: item.field ?? 'keywords',
      reason: 'a field reference that "all" joins becomes several names',
    });
  return { ...item, tests: tests.flat() };
}
