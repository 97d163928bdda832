/** A YAML document to a typed filter (specification: Sigma Filters). */
import { SigmaError } from '../errors.ts';
import { type Attributes, attributesOf, fail, readLogSource } from '../parse/attributes.ts';
import { readSearches } from '../parse/searches.ts';
import type { YamlDocument, YamlNode } from '../parse/yaml.ts';
import type { RuleReference, SigmaFilter } from './model.ts';

/** Rules one filter may name. */
const MAX_RULES = 10_000;

/** Reads a document that has a `filter`. `fallback` is the id of one that names none. Throws a `SigmaError` with its place. */
export function parseFilter(document: YamlDocument, file: string, fallback = file): SigmaFilter {
  const at = attributesOf(document);
  const title = at.text('title') ?? fail('title', 'it is missing', document.place);
  if (title.length > 1_000) fail('title', 'it is longer than 256 characters', at.place('title'));
  const filter = at.node('filter') ?? fail('filter', 'it is missing', document.place);
  if (filter.kind !== 'map') return fail('filter', 'it is not a map', filter.place);
  const logsource = readLogSource(at.node('logsource'), document.place);
  const rules = readRules(filter);
  const { detections, conditions } = readSearches('filter', filter, ['rules']);
  const [condition, second] = conditions;
  if (condition === undefined || second !== undefined) return fail('condition', 'a filter has one condition', filter.place);
  if (detections.length === 0) fail('selection', 'it is missing', filter.place);
  return {
    id: at.text('id') ?? fallback,
    title,
    ...described(at),
    taxonomy: at.text('taxonomy') ?? 'sigma',
    logsource,
    rules,
    detections,
    condition,
    file,
    line: document.place.line,
    source: document.source,
  };
}

function described(at: Attributes): Pick<SigmaFilter, 'description' | 'date' | 'modified'> {
  const optional = { description: at.text('description'), date: at.text('date'), modified: at.text('modified') };
  return Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
}

/** `rules`: ids or names. `any` stands for all rules of the log source, as other tools write it; the specification names only lists. */
function readRules(filter: YamlNode & { kind: 'map' }): readonly RuleReference[] | 'any' {
  const node = filter.entries.find((entry) => entry.key === 'rules')?.value ?? fail('rules', 'it is missing', filter.place);
  if (node.kind === 'scalar' && typeof node.value === 'string' && /^(any|all)$/i.test(node.value.trim())) return 'any';
  const items = node.kind === 'list' ? node.items : [node];
  if (items.length === 0) fail('rules', 'the list is empty; write "any" for every rule of the log source', node.place);
  if (items.length > MAX_RULES) throw new SigmaError('SIGMA_LIMIT', { reason: `a filter names more than ${MAX_RULES} rules` }, node.place);
  const seen = new Set<string>();
  return items.flatMap((item): RuleReference[] => {
    if (item.kind !== 'scalar' || item.value === null) return fail('rules', 'a rule is named by its id or name', item.place);
    const rule = String(item.value).trim();
    if (rule === '' || seen.has(rule)) return rule === '' ? fail('rules', 'a rule is named by its id or name', item.place) : [];
    seen.add(rule);
    return [{ rule, place: item.place }];
  });
}
