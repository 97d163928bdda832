/** The log source, and whether its events have the fields the rule asks for (specification: LogSource, Taxonomy Appendix). */
import type { LogSource } from '../model.ts';
import type { Pipelines } from '../pipelines/model.ts';
import { selects } from '../pipelines/resolve.ts';
import { shorten } from './detections.ts';
import { itemsOf, type LintDetection, type LintDocument, mapAt, nearest, textAt } from './document.ts';
import { fieldsOf } from './fields.ts';
import { processed } from './processed.ts';
import { LOGSOURCE } from './schema.ts';
import { fixWith } from './source.ts';

const PARTS = ['product', 'service', 'category'] as const;

/** Checks the section and gives the log source; undefined where it names none. */
export function checkLogSource(document: LintDocument): LogSource | undefined {
  const node = mapAt(document.root, 'logsource');
  if (node === undefined) return undefined;
  for (const { key, place } of node.entries) {
    const near = LOGSOURCE.includes(key) ? undefined : nearest(key, LOGSOURCE);
    if (near !== undefined) document.report('misspelt-attribute', place, `"${key}" has no effect; did you mean "${near}"?`);
  }
  const found: Partial<Record<(typeof PARTS)[number], string>> = {};
  for (const part of PARTS) {
    const value = textAt(node, part);
    if (value === undefined || value.text === '') continue;
    found[part] = value.text.toLowerCase();
    const right = value.text.trim().toLowerCase().replace(/\s+/g, '_');
    if (right === value.text) continue;
    // Only the letter case is put right: another name could be one that a pipeline knows.
    const fix =
      right === value.text.toLowerCase() ? fixWith(`write ${right}`, document.source.replace(value.place, value.text, right)) : undefined;
    document.report('logsource-case', value.place, `"${part}": ${shorten(value.text)} is written "${right}".`, fix);
  }
  if (Object.keys(found).length === 0) {
    document.report('empty-logsource', node.place, 'The log source names neither product, category nor service.');
    return undefined;
  }
  const { pipelines, processing = [] } = document.context;
  const seen = processed({ logsource: found, fields: [] }, processing)?.logsource;
  if (pipelines !== undefined && seen !== undefined && !pipelines.sources.some(({ is }) => selects(seen, is)))
    document.report(
      'unknown-logsource',
      node.place,
      `No pipeline knows ${PARTS.flatMap((part) => (found[part] === undefined ? [] : `${part} "${found[part]}"`)).join(', ')}.`,
    );
  return found;
}

export function checkFields(logsource: LogSource, detections: readonly LintDetection[], document: LintDocument): void {
  const { pipelines, processing = [] } = document.context;
  const seen = processed({ logsource, fields: [] }, processing)?.logsource ?? logsource;
  const fixed = fieldsOf(seen.product, seen.category);
  if (pipelines === undefined || fixed === undefined) return;
  const known = [...new Set([...fixed, ...mapped(seen, pipelines)])];
  const said = new Set<string>();
  for (const { field, place } of detections.flatMap(({ node }) => itemsOf(node))) {
    if (field === null || known.includes(field) || said.has(field)) continue;
    said.add(field);
    // What a processing pipeline renames is known to whoever wrote it.
    if (processed({ logsource, fields: [field] }, processing)?.fields.join() !== field) continue;
    const near = nearest(field, known);
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    document.report('unknown-field', place, `Events of ${logsource.category ?? ''} have no field "${field}"${hint}`);
  }
}

/** Fields the pipelines give to the events of a log source. */
function mapped(logsource: LogSource, pipelines: Pipelines): string[] {
  const sources = pipelines.sources.filter(({ is }) => selects(logsource, is));
  const names = sources.flatMap(({ fields }) => [...fields].flatMap(([field, inner]) => [field, ...inner]));
  const shapes = pipelines.shapes.filter(({ name }) => sources.some((source) => source.shapes.includes(name)));
  return [...names, ...shapes.flatMap(({ fields }) => [...fields.keys()])];
}
