import type { Part } from './manifest.ts';
import { MEMORY, quoted } from './schema.ts';
import type { SegmentFiles } from './files.ts';

/** SQL of a table that is the union of the parts, with the columns named. Part names are the store's own. */
export function source(parts: readonly Part[], files: SegmentFiles, columns: string): string {
  const selects = parts.filter((part) => part.kind === 'hot').map((part) => `select ${columns} from ${MEMORY}.${part.name}`);
  const paths = parts.filter((part) => part.kind === 'segment').map((part) => quoted(files.path(part.name)));
  if (paths.length > 0) selects.push(`select ${columns} from read_parquet([${paths.join(', ')}])`);
  return `(${selects.join(' union all ')})`;
}

/** The parts that may hold events of the half-open interval. */
export function within(parts: readonly Part[], range: { readonly from: number; readonly to: number } | undefined): Part[] {
  return parts.filter((part) => part.events > 0 && (range === undefined || (part.to >= range.from && part.from < range.to)));
}
