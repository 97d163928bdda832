/** A rule, a filter or a correlation as a row of the rulebook. */
import { hash } from 'node:crypto';
import { placeholdersOf, type SigmaCorrelation, type SigmaDocuments, type SigmaFilter, type SigmaRule } from 'sigma-rules-ts';
import { formOf } from './parsed.ts';
import type { RuleRow } from './schema.ts';
import type { RuleFile } from './upload.ts';

type RuleDocument = SigmaRule | SigmaFilter | SigmaCorrelation;

/** A rule's version is that of its file. */
export function versionOf(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 12);
}

/** Bytes of id and title together: both stand in an index, and PostgreSQL takes at most 2,704 into an entry of one. */
export const NAMED_BYTES = 2_500;

export function namedTooLong({ id, title }: Pick<RuleRow, 'id' | 'title'>): boolean {
  return Buffer.byteLength(id) + Buffer.byteLength(title) > NAMED_BYTES;
}

/** The rows of what a file holds, in its order by kind. */
export function rowsOf(found: SigmaDocuments, file: RuleFile, now: number): RuleRow[] {
  const version = versionOf(file.text);
  return [...found.rules, ...found.filters, ...found.correlations].map((document) => ({
    ...toRow(document, now),
    origin: file.name,
    version,
    yaml: file.text,
    ...formOf(found, { id: document.id, yaml: file.text }),
  }));
}

type OfDocument = Omit<RuleRow, 'origin' | 'version' | 'yaml' | 'parsed' | 'parsed_format'>;

function toRow(document: RuleDocument, now: number): OfDocument {
  const { id, title } = document;
  const logsource = 'logsource' in document ? document.logsource : {};
  return {
    id,
    ...ownOf(document),
    title,
    product: logsource.product ?? null,
    service: logsource.service ?? null,
    category: logsource.category ?? null,
    enabled: 1,
    placeholders: JSON.stringify('timespanMs' in document ? [] : placeholdersOf(document)),
    fault: null,
    updated_at: now,
  };
}

/** A filter has neither level nor status nor tags (specification: Global Filter, Syntax). */
function ownOf(document: RuleDocument): Pick<RuleRow, 'kind' | 'level' | 'status' | 'tags'> {
  if ('timespanMs' in document) {
    const { level = 'medium', status, tags } = document;
    return { kind: 'correlation', level, status, tags: JSON.stringify(tags) };
  }
  if (!('conditions' in document)) return { kind: 'filter', level: 'informational', status: 'stable', tags: '[]' };
  return { kind: 'rule', level: document.level, status: document.status, tags: JSON.stringify(document.tags) };
}
