/** Reads the detections of a rule or filter for the checks, and reports what in them the engine would refuse. */
import { SigmaError } from '../errors.ts';
import { MODIFIERS, type Modifiers, readModifiers, toTests } from '../parse/modifiers.ts';
import type { YamlEntry, YamlNode } from '../parse/yaml.ts';
import type { LintCode } from './catalogue.ts';
import { type LintDetection, type LintDocument, type LintItem, type LintNode, type LintValue, nearest, refusal } from './document.ts';
import { fixWith } from './source.ts';

/** Entries of a `detection` or `filter` section that are no detections. */
const RESERVED: readonly string[] = ['condition', 'timeframe'];
const KEYWORDS: Modifiers = { names: [], link: 'any', negated: false };

export function detectionEntries(entries: readonly YamlEntry[], extra: readonly string[] = []): YamlEntry[] {
  return entries.filter((entry) => !RESERVED.includes(entry.key) && !extra.includes(entry.key));
}

export function readLintDetections(entries: readonly YamlEntry[], document: LintDocument): LintDetection[] {
  return entries.map(({ key, value, place }) => ({ name: key, place, node: readNode(key, value, document) }));
}

function readNode(name: string, node: YamlNode, document: LintDocument): LintNode {
  const empty = (reason: string): LintNode => {
    document.report('bad-detection', node.place, `The detection "${name}" ${reason}.`);
    return { kind: 'or', children: [] };
  };
  if (node.kind === 'scalar') return node.value === null ? empty('is empty') : keywords([node], document);
  if (node.kind === 'map') {
    if (node.entries.length === 0) return empty('is an empty map');
    return { kind: 'and', children: node.entries.map((entry) => readItem(entry, document)) };
  }
  if (node.items.length === 0) return empty('is an empty list');
  const scalars = node.items.filter((item) => item.kind === 'scalar');
  if (scalars.length === node.items.length) return keywords(scalars, document);
  if (scalars.length > 0)
    document.report('keyword-misuse', scalars[0]?.place ?? node.place, `"${name}" holds keywords and maps in one list.`);
  return { kind: 'or', children: node.items.map((item) => readNode(name, item, document)) };
}

function keywords(nodes: readonly (YamlNode & { kind: 'scalar' })[], document: LintDocument): LintItem {
  const place = nodes[0]?.place ?? document.place;
  return {
    kind: 'item',
    field: null,
    key: null,
    place,
    modifiers: KEYWORDS,
    values: nodes.map((node) => readValue(node, KEYWORDS, document)),
  };
}

function readItem({ key, value, place }: YamlEntry, document: LintDocument): LintItem {
  const [field = '', ...names] = key.split('|').map((part) => part.trim());
  const read = refusal(() => readModifiers(names, { item: key, place }));
  if (read instanceof SigmaError) refuseModifiers(names, { key, reason: String(read.details['reason']) }, { document, place });
  const modifiers = read instanceof SigmaError ? undefined : read;
  const shared = { kind: 'item' as const, field: field === '' ? null : field, key, place, modifiers };
  return { ...shared, values: scalarsOf(key, value, document).map((node) => readValue(node, modifiers, document)) };
}

function refuseModifiers(
  names: readonly string[],
  { key, reason }: { readonly key: string; readonly reason: string },
  { document, place }: Pick<LintDocument, 'place'> & { readonly document: LintDocument },
): void {
  const unknown = names.find((name) => !MODIFIERS.includes(name));
  if (unknown === undefined) {
    document.report('bad-modifiers', place, `The modifiers of "${key}" cannot stand so: ${reason}.`);
    return;
  }
  const near = nearest(
    unknown,
    MODIFIERS.filter((name) => name.length > 1),
  );
  const fixed =
    near === undefined
      ? undefined
      : key
          .split('|')
          .map((part) => (part.trim() === unknown ? near : part))
          .join('|');
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  const fix = fixed === undefined ? undefined : fixWith(`write ${near}`, document.source.replace(place, key, fixed));
  document.report('unknown-modifier', place, `"${unknown}" is not a modifier${hint}`, fix);
}

function scalarsOf(key: string, node: YamlNode, document: LintDocument): (YamlNode & { kind: 'scalar' })[] {
  if (node.kind === 'scalar') return [node];
  if (node.kind === 'map') {
    document.report('bad-detection', node.place, `The value of "${key}" is a map; a value or a list of values is expected.`);
    return [];
  }
  if (node.items.length === 0) document.report('bad-detection', node.place, `The list of values of "${key}" is empty: it never matches.`);
  return node.items.flatMap((item) => {
    if (item.kind === 'scalar') return [item];
    document.report('bad-detection', item.place, `A value of "${key}" is a ${item.kind}; a text, number, true, false or null is expected.`);
    return [];
  });
}

function readValue(node: YamlNode & { kind: 'scalar' }, modifiers: Modifiers | undefined, document: LintDocument): LintValue {
  const { value, place } = node;
  if (modifiers === undefined) return { value, place, tests: [] };
  const tests = refusal(() => toTests(value, modifiers, { item: String(value), place }));
  if (!(tests instanceof SigmaError)) return { value, place, tests };
  const code: LintCode = tests.code === 'SIGMA_REGEX' ? 'bad-regex' : 'bad-value';
  document.report(code, place, `${shorten(String(value))}: ${String(tests.details['reason'])}.`);
  return { value, place, tests: [] };
}

/** A value as messages show it. */
export function shorten(text: string): string {
  return text.length > 60 ? `"${text.slice(0, 57)}…"` : `"${text}"`;
}
