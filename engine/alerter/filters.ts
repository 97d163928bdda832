/** The filters of the alert list, checked and turned into conditions. Scope is not a filter: the state applies it. */
import { sql, type Kysely, type SelectQueryBuilder } from 'kysely';
import type { Scope } from '@vong/platform/identity';
import { SEVERITIES, type AlertQuery, type AlertStatus, type Severity } from '../contracts.ts';
import { alertError } from './errors.ts';
import type { AlertTables } from './schema.ts';

export type AlertSelect<Output> = SelectQueryBuilder<AlertTables, 'alerts', Output>;

export const STATUSES: readonly AlertStatus[] = ['open', 'acknowledged', 'closed'];

export interface AlertFilters {
  /** Undefined: all. */
  readonly statuses: readonly AlertStatus[] | undefined;
  readonly severities: readonly Severity[] | undefined;
  /** Everything but status and severity. */
  narrow<Output>(select: AlertSelect<Output>): AlertSelect<Output>;
}

export async function filtersOf(db: Kysely<AlertTables>, scope: Scope, query: AlertQuery): Promise<AlertFilters> {
  const agencyPath = query.agency === undefined ? undefined : await pathOf(db, query.agency);
  return {
    statuses: listOf('status', query.status, STATUSES),
    severities: listOf('severity', query.severity, SEVERITIES),
    narrow: (select) => {
      let narrowed = query.agency === undefined ? select : inAgency(select, query.agency, agencyPath);
      const { assignee, host, user, rule, q, from, to } = query;
      if (assignee === 'none') narrowed = narrowed.where('assignee_id', 'is', null);
      else if (assignee !== undefined) narrowed = narrowed.where('assignee_id', '=', assignee === 'me' ? scope.actor.id : assignee);
      if (host !== undefined) narrowed = narrowed.where('host', '=', host);
      if (user !== undefined) narrowed = narrowed.where('user_name', '=', user);
      if (rule !== undefined) narrowed = narrowed.where('rule_id', '=', rule);
      if (from !== undefined) narrowed = narrowed.where('created_at', '>=', from);
      if (to !== undefined) narrowed = narrowed.where('created_at', '<', to);
      if (q !== undefined && q.trim() !== '') narrowed = narrowed.where(contains(q.trim()));
      return narrowed;
    },
  };
}

function contains(text: string) {
  const pattern = `%${text.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  return sql<boolean>`${sql.ref('search')} like ${pattern} escape '\\'`;
}

/** An agency stands for itself and everything below it. */
function inAgency<Output>(select: AlertSelect<Output>, agency: string, path: string | undefined): AlertSelect<Output> {
  if (path === undefined) return select.where('agency', '=', agency);
  const below = `${path.replaceAll(/[\\%_]/g, String.raw`\$&`)}/%`;
  return select.where((where) =>
    where.or([
      where('agency', '=', agency),
      where('agency', 'in', (tree) =>
        tree
          .selectFrom('agencies')
          .select('agencies.agency')
          .where(sql<boolean>`${sql.ref('agencies.path')} like ${below} escape '\\'`),
      ),
    ]),
  );
}

async function pathOf(db: Kysely<AlertTables>, agency: string): Promise<string | undefined> {
  return (await db.selectFrom('agencies').select('path').where('agency', '=', agency).executeTakeFirst())?.path;
}

function listOf<Value extends string>(field: string, text: string | undefined, allowed: readonly Value[]): readonly Value[] | undefined {
  if (text === undefined || text === '') return undefined;
  const values = new Set<Value>();
  for (const part of text.split(',')) {
    const value = allowed.find((known) => known === part.trim());
    if (value === undefined) throw alertError('ALERT_BAD_FILTER', { field, value: part, allowed: allowed.join(', ') });
    values.add(value);
  }
  return values.size === allowed.length ? undefined : [...values];
}
