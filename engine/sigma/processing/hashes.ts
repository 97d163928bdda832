/** `hashes_fields`: the values of a field of several hashes (`SHA1=…`, `MD5=…`), each in the field of its algorithm. */
import { ANY, type Detection, type Item, type Part, type Test } from '../model.ts';
import { tidy } from '../parse/string.ts';
import type { Transform } from './model.ts';
import type { Params } from './params.ts';
import { withParts } from './text.ts';
import { failure } from './values.ts';

/** Algorithms by the number of hexadecimal digits, for values that do not name theirs. */
const BY_LENGTH: ReadonlyMap<number, string> = new Map([
  [32, 'MD5'],
  [40, 'SHA1'],
  [64, 'SHA256'],
  [128, 'SHA512'],
]);

interface Hash {
  readonly algorithm: string;
  readonly parts: readonly Part[];
}

export function readHashesFields(params: Params): Transform {
  const algorithms = params.texts('valid_hash_algos').map((name) => name.toUpperCase());
  const prefix = params.optionalText('field_prefix') ?? '';
  const withoutName = params.flag('drop_algo_prefix');
  const fieldOf = (algorithm: string): string => prefix + (withoutName ? '' : algorithm);
  return (draft, processing) =>
    draft.changeItems(processing, (item): Detection | undefined => {
      const hashes = item.tests.map((test) => hashOf(test));
      if (hashes.includes('not a text')) return undefined;
      const children = item.tests.flatMap((test, index): Item[] => {
        const hash = hashes[index];
        if (test.kind !== 'string' || hash === undefined || hash === 'not a text' || !algorithms.includes(hash.algorithm)) return [];
        const field = fieldOf(hash.algorithm);
        return [
          { ...item, field: field === '' ? null : field, modifiers: [], link: 'any', tests: [withParts(test, hash.parts)], negated: false },
        ];
      });
      if (children.length === 0) throw failure(item, `none of its values is a hash of ${algorithms.join(', ')}`);
      if (item.link === 'all' && children.length < item.tests.length)
        throw failure(item, 'not all of its values are hashes that are known');
      if (item.negated) throw failure(item, 'hashes that are negated by "neq" cannot be put in other fields');
      const [only] = children;
      if (children.length === 1 && only !== undefined) return only;
      return item.link === 'all' ? { kind: 'and', children } : { kind: 'or', children: joined(children) };
    });
}

/** One item a field. */
function joined(items: readonly Item[]): Item[] {
  const fields = new Map<string | null, Item>();
  for (const item of items) {
    const known = fields.get(item.field);
    fields.set(item.field, known === undefined ? item : { ...known, tests: [...known.tests, ...item.tests] });
  }
  return [...fields.values()];
}

/** `*SHA1=ABC*` is the hash `ABC*` of SHA1: the wildcard before the name is that of `contains`, the one behind it stays. */
function hashOf(test: Test): Hash | undefined | 'not a text' {
  if (test.kind !== 'string') return 'not a text';
  const parts = test.parts[0] === ANY ? test.parts.slice(1) : test.parts;
  const [first, ...rest] = parts;
  if (typeof first !== 'string') return undefined;
  const found = /^([A-Za-z0-9-]+)[=|](.*)$/s.exec(first);
  if (found !== null) return { algorithm: (found[1] ?? '').toUpperCase(), parts: tidy([found[2] ?? '', ...rest]) };
  const algorithm = BY_LENGTH.get(first.length);
  return algorithm === undefined ? undefined : { algorithm, parts: tidy(test.parts) };
}
