/** Reads pipelines from YAML (format: rules/README.md). A pipeline is written by administrators: its errors stop the load. */
import { SigmaError } from '../errors.ts';
import type { StringTest } from '../model.ts';
import { parseString, tidy } from '../parse/string.ts';
import { readYaml, type YamlNode } from '../parse/yaml.ts';
import type { Pipelines, Shape, Source } from './model.ts';
import { toPath } from './paths.ts';

/** Joins pipelines in the order given: shapes and sources that come first are tried first. Throws `SIGMA_PIPELINE`. */
export function loadPipelines(yamlTexts: readonly string[]): Pipelines {
  const shapes: Shape[] = [];
  const sources: Source[] = [];
  for (const text of yamlTexts)
    for (const { root } of readYaml(text)) {
      if (root instanceof SigmaError) throw root;
      const map = asMap(root);
      for (const node of asList(get(map, 'shapes'))) shapes.push(readShape(asMap(node)));
      for (const node of asList(get(map, 'services'))) sources.push(...readServices(asMap(node)));
      for (const node of asList(get(map, 'logsources'))) sources.push(...readSource(asMap(node)));
    }
  return { shapes, sources };
}

type MapNode = YamlNode & { kind: 'map' };

function readShape(node: MapNode): Shape {
  const hints = get(node, 'hints');
  const hint = (key: string): ReturnType<typeof toPath> => toPath(text(get(asMap(hints), key)));
  return {
    name: text(get(node, 'name')),
    requires: texts(get(node, 'requires')).map(toPath),
    roots: texts(get(node, 'roots')).map(toPath),
    fields: new Map([...fieldMap(get(node, 'fields'))].map(([field, names]) => [field, names.map(toPath)])),
    keywords: texts(get(node, 'keywords')).map(toPath),
    ...(hints === undefined ? {} : { hints: { product: hint('product'), service: hint('service'), category: hint('category') } }),
  };
}

/** `services`: many log sources that differ only in one field's value (a Windows channel, a syslog program). */
function readServices(node: MapNode): Source[] {
  const field = text(get(node, 'field'));
  const product = text(get(node, 'product'));
  const shapes = texts(get(node, 'shapes'));
  const spaced = texts(get(node, 'spaced'));
  const fields = fieldMap(get(node, 'fields'));
  return asMap(get(node, 'values')).entries.map(({ key, value }) => ({
    is: { product, service: key },
    shapes,
    when: [{ field, patterns: patterns(value) }],
    fields,
    spaced: spaced.includes(key),
  }));
}

function readSource(node: MapNode): Source[] {
  const attributes = get(node, 'is');
  const alternatives = attributes?.kind === 'list' ? attributes.items : [attributes];
  const when = (get(node, 'when') === undefined ? [] : asMap(get(node, 'when')).entries).map(({ key, value }) => ({
    field: key,
    patterns: patterns(value),
  }));
  const shared = {
    shapes: texts(get(node, 'shapes')),
    when,
    fields: fieldMap(get(node, 'fields')),
    spaced: text(get(node, 'spaced')) === 'true',
  };
  return alternatives.map((one) => {
    const is = Object.fromEntries(asMap(one).entries.map(({ key, value }) => [key, text(value).toLowerCase()]));
    const unknown = Object.keys(is).find((key) => !['product', 'service', 'category'].includes(key));
    if (unknown !== undefined) throw problem(`"${unknown}" is not product, service or category`, one);
    return { is, ...shared };
  });
}

function patterns(node: YamlNode): StringTest[] {
  return texts(node).map((value) => ({ kind: 'string', text: value, parts: tidy(parseString(value)), cased: false, dashes: false }));
}

function fieldMap(node: YamlNode | undefined): Map<string, string[]> {
  return new Map(node === undefined ? [] : asMap(node).entries.map(({ key, value }) => [key, texts(value)]));
}

function get(node: MapNode, key: string): YamlNode | undefined {
  return node.entries.find((entry) => entry.key === key)?.value;
}

function asMap(node: YamlNode | undefined): MapNode {
  if (node?.kind !== 'map') throw problem('a map is expected', node);
  return node;
}

function asList(node: YamlNode | undefined): readonly YamlNode[] {
  if (node === undefined) return [];
  if (node.kind !== 'list') throw problem('a list is expected', node);
  return node.items;
}

function text(node: YamlNode | undefined): string {
  if (node === undefined) return '';
  if (node.kind !== 'scalar') throw problem('a text is expected', node);
  return node.value === null ? '' : String(node.value);
}

/** One text or a list of texts. */
function texts(node: YamlNode | undefined): string[] {
  if (node === undefined) return [];
  return node.kind === 'list' ? node.items.map((item) => text(item)) : [text(node)];
}

function problem(reason: string, node: YamlNode | undefined): SigmaError {
  return new SigmaError('SIGMA_PIPELINE', { reason: node === undefined ? reason : `${reason} (line ${node.place.line})` }, node?.place);
}
