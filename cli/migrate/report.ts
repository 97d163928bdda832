/** What was moved, and whether both sides hold the same. */
import type { Compared } from '@vong/platform/state';
import type { DayCompared } from './events.ts';
import type { RecordsCompared } from './records.ts';

export interface MoveReport {
  /** Both sides hold the same. */
  readonly equal: boolean;
  readonly source: string;
  readonly target: string;
  readonly tables: readonly Compared[];
  /** Table → why it was not moved. */
  readonly leftBehind: Readonly<Record<string, string>>;
  readonly days: readonly DayCompared[];
  readonly records: readonly RecordsCompared[];
  /** `unequal`: ids of agents whose last batch differs. */
  readonly producers: { readonly count: number; readonly unequal: readonly string[] };
  /** What is left to do by hand. */
  readonly notes: readonly string[];
}

export function isEqual({ tables, days, records, producers }: Omit<MoveReport, 'equal'>): boolean {
  return [...tables, ...days, ...records].every(({ equal }) => equal) && producers.unequal.length === 0;
}

/** Sums, and every part that differs. */
export function reportText(report: MoveReport): string {
  const { tables, days, records, producers } = report;
  const [rows, events, unread] = [tables, days, records].map((parts) => parts.reduce((sum, { source }) => sum + source.count, 0));
  const lines = [
    `${report.source} → ${report.target}`,
    `state    ${rows ?? 0} rows in ${tables.length} tables, ${verdict(tables)}`,
    `events   ${events ?? 0} events on ${days.length} days, ${verdict(days)}`,
    `log      ${unread ?? 0} records not read yet, ${verdict(records)}`,
    `agents   last batches of ${producers.count} senders, ${producers.unequal.length === 0 ? 'equal' : 'DIFFERENT'}`,
    ...tables.filter(unequal).map((each) => difference(`table ${each.table}`, 'rows', each)),
    ...days.filter(unequal).map((each) => difference(`day ${each.day}`, 'events', each)),
    ...records.filter(unequal).map((each) => difference(`topic ${each.topic}`, 'records', each)),
    ...producers.unequal.map((id) => `  sender ${id}: its last batch differs`),
    ...report.notes.map((note) => `note: ${note}`),
  ];
  return `${lines.join('\n')}\n`;
}

function unequal({ equal }: { readonly equal: boolean }): boolean {
  return !equal;
}

function verdict(parts: readonly { readonly equal: boolean }[]): string {
  const count = parts.filter(unequal).length;
  return count === 0 ? 'equal' : `${count} DIFFERENT`;
}

interface Sum {
  readonly count: number;
  readonly checksum: string;
}

function difference(what: string, unit: string, { source, target }: { readonly source: Sum; readonly target: Sum }): string {
  return `  ${what}: ${source.count} ${unit} (${source.checksum}) in the node, ${target.count} (${target.checksum}) in the cluster`;
}
