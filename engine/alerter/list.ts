/**
 * The alert queue: a page in the order asked, and the counts. Each combination of status (and severity) is read from its own
 * index and the pages are merged here: a page costs the same with a hundred alerts and with a million.
 */
import type { Kysely } from 'kysely';
import type { Scope } from '@vong/platform/identity';
import type { AlertList, AlertQuery, AlertStatus, Severity } from '../contracts.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { filtersOf, STATUSES, type AlertFilters, type AlertSelect } from './filters.ts';
import { levelOf, rankOf, type AlertRow, type AlertTables } from './schema.ts';
import { summaryOf } from './summary.ts';

type Sort = NonNullable<AlertQuery['sort']>;
type SortKey = readonly [number, number, string];

const DEFAULT_LIMIT = 100;

export async function listAlerts(db: Kysely<AlertTables>, scope: Scope, query: AlertQuery): Promise<AlertList> {
  const { sort = 'newest', limit = DEFAULT_LIMIT } = query;
  const filters = await filtersOf(db, scope, query);
  const after = query.cursor === undefined ? undefined : decodeCursor<SortKey>(sort, [0, 0, ''], query.cursor);
  const rows: AlertRow[] = [];
  for (const part of partsOf(filters, sort)) {
    const select = filters.narrow(narrowPart(db.selectFrom('alerts').selectAll(), part));
    rows.push(
      ...(await inOrder(select, sort, after)
        .limit(limit + 1)
        .execute()),
    );
  }
  rows.sort((a, b) => compare(keyOf(a, sort), keyOf(b, sort)) * (sort === 'oldest' ? 1 : -1));
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(summaryOf),
    ...(rows.length > limit && last !== undefined ? { next: encodeCursor(sort, keyOf(last, sort)) } : {}),
    ...(await countAlerts(db, filters)),
  };
}

interface Part {
  readonly status?: AlertStatus;
  readonly severity?: Severity;
}

/** One part per index range that yields rows already in the order asked. */
function partsOf({ statuses, severities }: AlertFilters, sort: Sort): Part[] {
  if (severities === undefined) return statuses === undefined ? [{}] : statuses.map((status) => ({ status }));
  if (sort === 'count' && statuses === undefined) return severities.map((severity) => ({ severity }));
  return (statuses ?? STATUSES).flatMap((status) => severities.map((severity) => ({ status, severity })));
}

function narrowPart<Output>(select: AlertSelect<Output>, { status, severity }: Part): AlertSelect<Output> {
  let narrowed = select;
  if (status !== undefined) narrowed = narrowed.where('status', '=', status);
  if (severity !== undefined) narrowed = narrowed.where('severity', '=', rankOf(severity));
  return narrowed;
}

function inOrder<Output>(select: AlertSelect<Output>, sort: Sort, after: SortKey | undefined): AlertSelect<Output> {
  const direction = sort === 'oldest' ? 'asc' : 'desc';
  const beyond = sort === 'oldest' ? '>' : '<';
  if (sort === 'newest' || sort === 'oldest') {
    const ordered = select.orderBy('created_at', direction).orderBy('id', direction);
    if (after === undefined) return ordered;
    return ordered.where((where) => where(where.refTuple('created_at', 'id'), beyond, where.tuple(after[1], after[2])));
  }
  const ordered = select.orderBy(sort, 'desc').orderBy('created_at', 'desc').orderBy('id', 'desc');
  if (after === undefined) return ordered;
  return ordered.where((where) => where(where.refTuple(sort, 'created_at', 'id'), '<', where.tuple(after[0], after[1], after[2])));
}

function keyOf(row: AlertRow, sort: Sort): SortKey {
  const lead = sort === 'severity' ? row.severity : sort === 'count' ? row.count : 0;
  return [lead, row.created_at, row.id];
}

function compare(a: SortKey, b: SortKey): number {
  return a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : 0);
}

/**
 * The total is what the filters leave. The count of each status leaves the status filter out, that of each severity the
 * severity filter: they say what one would see by choosing it.
 */
async function countAlerts(db: Kysely<AlertTables>, filters: AlertFilters): Promise<Pick<AlertList, 'total' | 'counts'>> {
  const cells = await filters
    .narrow(db.selectFrom('alerts').select((select) => ['status', 'severity', select.fn.countAll<number>().as('alerts')]))
    .groupBy(['status', 'severity'])
    .execute();
  const status: Record<AlertStatus, number> = { open: 0, acknowledged: 0, closed: 0 };
  const severity: Record<Severity, number> = { critical: 0, high: 0, medium: 0, low: 0, informational: 0 };
  let total = 0;
  for (const cell of cells) {
    const level = levelOf(cell.severity);
    const hasStatus = filters.statuses?.includes(cell.status) ?? true;
    const hasSeverity = filters.severities?.includes(level) ?? true;
    if (hasSeverity) status[cell.status] += cell.alerts;
    if (hasStatus) severity[level] += cell.alerts;
    if (hasStatus && hasSeverity) total += cell.alerts;
  }
  return { total, counts: { status, severity } };
}
