/** Attributes against the schema: known, of the right type, not too long, of the right words. */
import type { Place } from '../errors.ts';
import type { YamlEntry, YamlNode } from '../parse/yaml.ts';
import { type LintDocument, nearest, textAt, textsOf, valueOf } from './document.ts';
import { shorten } from './detections.ts';
import { type Attribute, RELATED_TYPES, SCHEMAS } from './schema.ts';
import { fixWith } from './source.ts';

export function checkAttributes(document: LintDocument): void {
  const schema = SCHEMAS[document.kind];
  for (const entry of document.root.entries) {
    const attribute = Object.hasOwn(schema, entry.key) ? schema[entry.key] : undefined;
    if (attribute === undefined) unknown(entry, document);
    else if (entry.value.kind !== 'scalar' || entry.value.value !== null) checkOne(entry, attribute, document);
  }
  for (const [key, attribute] of Object.entries(schema))
    if (attribute.required === true && valueOf(document.root, key) === undefined)
      document.report('missing-attribute', document.place, `The ${document.kind} has no "${key}".`);
}

function unknown({ key, place }: YamlEntry, document: LintDocument): void {
  const free = Object.keys(SCHEMAS[document.kind]).filter((name) => valueOf(document.root, name) === undefined);
  const near = key.length < 4 ? undefined : nearest(key, free);
  if (near === undefined) {
    document.report('custom-attribute', place, `"${key}" is not of the specification and has no effect.`);
    return;
  }
  const fix = fixWith(`write ${near}`, document.source.replace(place, key, near));
  document.report('misspelt-attribute', place, `"${key}" has no effect; did you mean "${near}"?`, fix);
}

function checkOne({ key, value, place }: YamlEntry, attribute: Attribute, document: LintDocument): void {
  const expected = wrongType(value, attribute);
  if (expected !== undefined) {
    document.report('wrong-type', value.kind === 'scalar' ? value.place : place, `"${key}" must be ${expected}.`);
    return;
  }
  if (attribute.type === 'text') checkText(key, attribute, document);
  if (attribute.type === 'texts') checkEntries(key, attribute, document);
  if (attribute.type === 'related') checkRelated(value, document);
}

function wrongType(node: YamlNode, { type }: Attribute): string | undefined {
  if (type === 'map') return node.kind === 'map' ? undefined : 'a map';
  if (type === 'boolean') return node.kind === 'scalar' && typeof node.value === 'boolean' ? undefined : 'true or false';
  if (type === 'text') return node.kind === 'scalar' && typeof node.value === 'string' ? undefined : 'a text';
  if (node.kind !== 'list') return 'a list';
  const kind = type === 'related' ? 'map' : 'scalar';
  if (node.items.every((item) => item.kind === kind)) return undefined;
  return type === 'related' ? 'a list of maps with "id" and "type"' : 'a list of texts';
}

function checkText(key: string, { longest, words, format }: Attribute, document: LintDocument): void {
  const found = textAt(document.root, key);
  if (found === undefined) return;
  const { text, place } = found;
  if (longest !== undefined && text.length > longest)
    document.report('too-long', place, `"${key}" has ${text.length} characters; ${longest} are allowed.`);
  if (words !== undefined && !words.includes(text)) checkWord({ key, text, place }, words, document);
  if (format === 'uuid') checkId(text, place, document);
}

/** One of the words the schema allows; another spelling of one can be put right. */
export function checkWord(
  { key, text, place }: { readonly key: string; readonly text: string; readonly place: Place },
  words: readonly string[],
  document: LintDocument,
): void {
  const same = words.find((word) => word === text.trim().toLowerCase());
  const near = same ?? nearest(text, words);
  const hint = near === undefined ? `it is one of ${words.join(', ')}` : `did you mean "${near}"?`;
  const fix = same === undefined ? undefined : fixWith(`write ${same}`, document.source.replace(place, text, same));
  document.report('unknown-word', place, `"${key}" cannot be ${shorten(text)}; ${hint}`, fix);
}

function checkId(text: string, place: Place, document: LintDocument): void {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) document.report('bad-id', place, `${shorten(text)} is not a UUID.`);
}

function checkEntries(key: string, { unique, shortest }: Attribute, document: LintDocument): void {
  const seen = new Set<string>();
  for (const { text, place } of textsOf(valueOf(document.root, key))) {
    if (shortest !== undefined && text.length < shortest)
      document.report('short-entry', place, `An entry of "${key}" has fewer than ${shortest} characters.`);
    if (unique === true && seen.has(text)) {
      const fix = fixWith('leave out the second', document.source.removeEntry(place));
      document.report('duplicate-entry', place, `${shorten(text)} stands twice in "${key}".`, fix);
    }
    seen.add(text);
  }
}

function checkRelated(node: YamlNode, document: LintDocument): void {
  for (const item of node.kind === 'list' ? node.items : []) {
    if (item.kind !== 'map') continue;
    const [id, type] = [textAt(item, 'id'), textAt(item, 'type')];
    if (id === undefined || type === undefined) document.report('wrong-type', item.place, 'An entry of "related" needs "id" and "type".');
    if (id !== undefined) checkId(id.text, id.place, document);
    if (type !== undefined && !RELATED_TYPES.includes(type.text)) checkWord({ key: 'type', ...type }, RELATED_TYPES, document);
  }
}
