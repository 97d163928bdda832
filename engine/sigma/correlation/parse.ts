/** A YAML document to a typed correlation (specification: Sigma Correlation Rules, Components). */
import { SigmaError, type Place } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { LEVELS, STATUSES } from '../model.ts';
import { Attributes, attributesOf, fail } from '../parse/attributes.ts';
import type { YamlDocument, YamlNode } from '../parse/yaml.ts';
import { readCondition } from './condition.ts';
import { CORRELATION_TYPES, type CorrelationAlias, type CorrelationReference, type SigmaCorrelation } from './model.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads a document that has a `correlation`. `fallback` is its id when it says none. Throws a `SigmaError` with its place. */
export function parseCorrelation(document: YamlDocument, file: string, fallback: string): SigmaCorrelation {
  const at = attributesOf(document);
  const title = at.text('title') ?? fail('title', 'it is missing', document.place);
  if (title.length > 1_000) fail('title', 'it is longer than 256 characters', at.place('title'));
  const node = at.node('correlation') ?? fail('correlation', 'it is missing', document.place);
  if (node.kind !== 'map') return fail('correlation', 'it is not a map', node.place);
  if (at.node('detection') !== undefined)
    fail('detection', 'a correlation has none: write the rule as a document of its own', at.place('detection'));
  const section = new Attributes(node);
  const type = section.oneOf('type', CORRELATION_TYPES) ?? fail('type', 'it is missing', node.place);
  const rules = readRules(section.node('rules') ?? fail('rules', 'it is missing', node.place));
  const name = at.text('name');
  return {
    id: at.text('id') ?? name ?? fallback,
    title,
    ...described(at),
    ...generated(at, section),
    taxonomy: at.text('taxonomy') ?? 'sigma',
    status: at.oneOf('status', STATUSES) ?? 'experimental',
    references: at.texts('references'),
    tags: at.texts('tags'),
    falsepositives: at.texts('falsepositives'),
    type,
    rules,
    groupBy: readGroupBy(section.node('group-by'), node.place),
    timespanMs: readTimespan(section.node('timespan'), node.place),
    aliases: readAliases(section.node('aliases')),
    condition: readCondition(section.node('condition'), { type, rules, place: node.place }),
    file,
    line: document.place.line,
    source: document.source,
  };
}

type Described = Pick<SigmaCorrelation, 'name' | 'level' | 'description' | 'author' | 'date' | 'modified'>;

function described(at: Attributes): Described {
  const optional = {
    name: at.text('name'),
    level: at.oneOf('level', LEVELS),
    description: at.text('description'),
    author: at.text('author'),
    date: at.text('date'),
    modified: at.text('modified'),
  };
  return Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
}

/** The schema has `generate` beside the section; other tools also write it inside. */
function generated(at: Attributes, section: Attributes): Pick<SigmaCorrelation, 'generate'> {
  const node = at.node('generate') ?? section.node('generate');
  if (node === undefined) return {};
  if (node.kind !== 'scalar' || typeof node.value !== 'boolean') return fail('generate', 'it is neither true nor false', node.place);
  return { generate: node.value };
}

function readRules(node: YamlNode): CorrelationReference[] {
  const items = node.kind === 'list' ? node.items : [node];
  if (items.length === 0) fail('rules', 'the list is empty', node.place);
  if (items.length > LIMITS.correlationRules) throw tooMany('rules', node.place);
  const seen = new Set<string>();
  return items.map((item) => {
    const rule = item.kind === 'scalar' && item.value !== null ? String(item.value).trim() : '';
    if (rule === '') fail('rules', 'a rule is named by its id or name', item.place);
    if (seen.has(rule)) fail('rules', `"${rule}" stands there twice`, item.place);
    seen.add(rule);
    return { rule, place: item.place };
  });
}

function readGroupBy(node: YamlNode | undefined, place: Place): string[] {
  // Attributes leave null out, as they do what is missing.
  if (node === undefined) return fail('group-by', 'it is missing; write "group-by: []" to take all events together', place);
  const items = node.kind === 'list' ? node.items : [node];
  if (items.length > LIMITS.correlationFields) throw tooMany('fields to group by', node.place);
  const fields = items.map((item) => fieldOf('group-by', item));
  const twice = fields.find((field, index) => fields.indexOf(field) !== index);
  return twice === undefined ? fields : fail('group-by', `"${twice}" stands there twice`, node.place);
}

function fieldOf(attribute: string, node: YamlNode): string {
  const field = node.kind === 'scalar' && node.value !== null ? String(node.value).trim() : '';
  return field === '' || field.length > 256 ? fail(attribute, 'a field is named by a text of 1 to 256 characters', node.place) : field;
}

/** `number + letter (in lowercase)`: milliseconds. */
function readTimespan(node: YamlNode | undefined, place: Place): number {
  if (node === undefined) return fail('timespan', 'it is missing', place);
  const found = node.kind === 'scalar' ? /^([1-9]\d{0,8})([smhd])$/.exec(String(node.value)) : null;
  const unit = UNITS[found?.[2] ?? ''];
  if (found === null || unit === undefined) return fail('timespan', 'it is not a number with s, m, h or d, like "90m"', node.place);
  const span = Number(found[1]) * unit;
  return span > LIMITS.timespanMs ? fail('timespan', 'it is longer than 366 days', node.place) : span;
}

function readAliases(node: YamlNode | undefined): CorrelationAlias[] {
  if (node === undefined) return [];
  if (node.kind !== 'map') return fail('aliases', 'it is not a map', node.place);
  if (node.entries.length > LIMITS.correlationFields) throw tooMany('aliases', node.place);
  return node.entries.map(({ key, value, place }) => {
    if (value.kind !== 'map' || value.entries.length === 0) return fail('aliases', `"${key}" is not a map of rule to field`, place);
    const fields = value.entries.map((entry) => ({ rule: entry.key, field: fieldOf('aliases', entry.value), place: entry.place }));
    return { name: key, fields };
  });
}

function tooMany(what: string, place: Place): SigmaError {
  return new SigmaError('SIGMA_LIMIT', { reason: `too many ${what}` }, place);
}
