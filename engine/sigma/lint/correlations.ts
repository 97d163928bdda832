/** The `correlation` section (specification: Correlation Rules) and the `filter` section (specification: Filters), by their schemas. */
import type { YamlNode } from '../parse/yaml.ts';
import { checkWord } from './attributes.ts';
import { shorten } from './detections.ts';
import { type LintDocument, type MapNode, mapAt, textAt, textsOf, valueOf } from './document.ts';
import { CORRELATION_TYPES } from '../correlation/model.ts';

const KEYS: readonly string[] = ['type', 'rules', 'aliases', 'group-by', 'timespan', 'condition', 'generate'];
const CRITERIA: readonly string[] = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'];
const OVER_VALUES: readonly string[] = ['value_count', 'value_sum', 'value_avg', 'value_percentile'];

export function checkCorrelation(document: LintDocument): void {
  const node = mapAt(document.root, 'correlation');
  if (node === undefined) return;
  const bad = (place: YamlNode['place'], message: string): void => document.report('bad-correlation', place, message);
  const type = textAt(node, 'type');
  if (type === undefined) bad(node.place, 'The correlation has no "type".');
  else if (!isCorrelationType(type.text)) checkWord({ key: 'type', ...type }, CORRELATION_TYPES, document);
  for (const { key, place } of node.entries) if (!KEYS.includes(key)) bad(place, `"${key}" is not of a correlation.`);
  checkRules(node, document);
  const timespan = textAt(node, 'timespan');
  if (timespan === undefined) bad(node.place, 'The correlation has no "timespan".');
  else if (!/^[1-9]\d{0,8}[smhd]$/.test(timespan.text))
    bad(timespan.place, `"timespan": ${shorten(timespan.text)} is not a number and one of s, m, h, d (like 10m).`);
  checkGrouping(node, document);
  checkCriterion(node, type?.text ?? '', document);
}

function checkRules(node: MapNode, document: LintDocument): void {
  const rules = valueOf(node, 'rules');
  const seen = new Set<string>();
  for (const { text, place } of textsOf(rules)) {
    if (seen.has(text)) document.report('duplicate-entry', place, `${shorten(text)} stands twice in "rules".`);
    seen.add(text);
  }
  if (seen.size === 0) document.report('bad-correlation', rules?.place ?? node.place, 'The correlation refers to no "rules".');
}

function checkGrouping(node: MapNode, document: LintDocument): void {
  const [groupBy, aliases] = [valueOf(node, 'group-by'), valueOf(node, 'aliases')];
  if (groupBy === undefined)
    document.report('bad-correlation', node.place, 'The correlation has no "group-by"; write "group-by: []" to take all events together.');
  else if (groupBy.kind !== 'list' || groupBy.items.some((item) => item.kind !== 'scalar'))
    document.report('bad-correlation', groupBy.place, '"group-by" must be a list of fields.');
  const bad = aliases !== undefined && (aliases.kind !== 'map' || aliases.entries.some(({ value }) => value.kind !== 'map'));
  if (bad) document.report('bad-correlation', aliases.place, '"aliases" must map each alias to a map of rule and field.');
}

/** A map of one criterion, or of two that make a range, with `field` where values are looked at; `temporal` may go without, or hold a condition over rule names. */
function checkCriterion(node: MapNode, type: string, document: LintDocument): void {
  const condition = valueOf(node, 'condition');
  const temporal = type.startsWith('temporal');
  if (condition === undefined) {
    if (!temporal && isCorrelationType(type))
      document.report('bad-correlation', node.place, `A correlation of type ${type} needs a "condition".`);
    return;
  }
  if (temporal && condition.kind === 'scalar') return;
  if (condition.kind !== 'map') {
    document.report('bad-correlation', condition.place, '"condition" must be a map with one of gt, gte, lt, lte, eq, neq.');
    return;
  }
  const criteria = condition.entries.filter(({ key }) => CRITERIA.includes(key));
  if (criteria.length === 0) document.report('bad-correlation', condition.place, '"condition" has none of gt, gte, lt, lte, eq, neq.');
  for (const { key, value, place } of criteria)
    if (value.kind !== 'scalar' || typeof value.value !== 'number') document.report('bad-correlation', place, `"${key}" must be a number.`);
  for (const { key, place } of condition.entries)
    if (!CRITERIA.includes(key) && key !== 'field' && key !== 'percentile')
      document.report('bad-correlation', place, `"${key}" is not of a condition.`);
  if (OVER_VALUES.includes(type) && textsOf(valueOf(condition, 'field')).length === 0)
    document.report('bad-correlation', condition.place, `A correlation of type ${type} needs a "field" in its condition.`);
}

export function checkFilter(document: LintDocument): void {
  const node = mapAt(document.root, 'filter');
  if (node === undefined) return;
  const rules = valueOf(node, 'rules');
  const named = textsOf(rules);
  // The specification's schema wants a list; `any` is what tools write for all rules of the log source.
  if (rules === undefined) document.report('bad-filter', node.place, 'The filter names no "rules".');
  else if (rules.kind !== 'list' && named[0]?.text !== 'any')
    document.report('bad-filter', rules.place, '"rules" must be a list of ids or names.');
  else if (named.length === 0) document.report('bad-filter', rules.place, 'The list of "rules" is empty.');
  if (valueOf(node, 'condition') === undefined) document.report('bad-filter', node.place, 'The filter has no "condition".');
  if (!node.entries.some(({ key }) => key !== 'rules' && key !== 'condition'))
    document.report('bad-filter', node.place, 'The filter has no selection.');
}

function isCorrelationType(text: string): boolean {
  return CORRELATION_TYPES.some((type) => type === text);
}
