/** The list of rules as one query: what is stored of each, what the detectors said of it, what it found in the reader's agencies. */
import { sql, type Expression, type ExpressionBuilder, type Kysely, type RawBuilder, type SqlBool } from 'kysely';
import { SEVERITIES, type RuleSort, type RuleState } from '../contracts.ts';
import { DAY_HOURS, HOUR_MS } from './matches.ts';
import type { RuleRow, RuleTables, RunningRow } from './schema.ts';

export interface RuleFilter {
  readonly q?: string;
  readonly kind?: RuleRow['kind'];
  readonly level?: string;
  readonly product?: string;
  readonly enabled?: boolean;
  /** States, separated by commas. */
  readonly state?: string;
  readonly sort?: RuleSort;
  readonly direction?: 'ascending' | 'descending';
  readonly cursor?: string;
  readonly limit?: number;
}

export type ListedRule = Omit<RuleRow, 'yaml' | 'placeholders' | 'parsed' | 'parsed_format'> & {
  state: RuleState;
  reason: string | null;
  running_version: string | null;
  running_state: RunningRow['state'] | null;
  since: number | null;
  matches: number;
  last_at: number;
  ns: number | null;
  share: number | null;
  sort_key: string | number;
};

/** `running` and `costs` may be absent for a rule. */
interface Joined {
  rules: RuleRow;
  running: { [Name in keyof RunningRow]: RunningRow[Name] | null };
  costs: { rule_id: string | null; ns: number | null; share: number | null; at: number | null };
  hits: { rule_id: string | null; matches: number | null };
  seen: { rule_id: string | null; last_at: number | null };
}

const STATE = sql<RuleState>`case
  when rules.fault is not null then 'faulty'
  when rules.enabled = 0 then case when running.version is null then 'off' else 'pending' end
  when running.version is null or running.version <> rules.version then 'pending'
  else running.state end`;
const LEVEL = sql<number>`case rules.level ${sql.join(
  SEVERITIES.map((level, at) => sql`when ${level} then ${sql.lit(SEVERITIES.length - at)}`),
  sql` `,
)} else 0 end`;

/** What somebody must see to comes last, or first when the order is turned. */
const URGENCY = sql<number>`case ${STATE} when 'in_use' then 0 when 'off' then 1 when 'pending' then 2 when 'no_logsource' then 3
  when 'needs_values' then 4 else 5 end`;

const KEYS: Readonly<Record<RuleSort, RawBuilder<string | number>>> = {
  title: sql<string>`cast('' as text)`,
  level: LEVEL,
  state: URGENCY,
  matches: sql<number>`coalesce(hits.matches, 0)`,
  last: sql<number>`coalesce(seen.last_at, 0)`,
  cost: sql<number>`coalesce(costs.ns, 0)`,
};

/** Every rule the filter leaves, with everything joined to it. */
function joined(db: Kysely<RuleTables>, now: number) {
  const first = Math.floor(now / HOUR_MS) - DAY_HOURS + 1;
  return db
    .selectFrom('rules')
    .leftJoin('rule_running as running', 'running.rule_id', 'rules.id')
    .leftJoin('rule_costs as costs', 'costs.rule_id', 'rules.id')
    .leftJoin(
      (eb) =>
        eb
          .selectFrom('rule_hits')
          .select((hit) => ['rule_id', hit.fn.sum<number>('matches').as('matches')])
          .where('hour', '>=', first)
          .groupBy('rule_id')
          .as('hits'),
      (join) => join.onRef('hits.rule_id', '=', 'rules.id'),
    )
    .leftJoin(
      (eb) =>
        eb
          .selectFrom('rule_totals')
          .select((total) => ['rule_id', total.fn.max<number>('last_at').as('last_at')])
          .groupBy('rule_id')
          .as('seen'),
      (join) => join.onRef('seen.rule_id', '=', 'rules.id'),
    );
}

const COLUMNS = [
  'id',
  'kind',
  'title',
  'level',
  'status',
  'product',
  'service',
  'category',
  'tags',
  'enabled',
  'origin',
  'version',
  'fault',
] as const;

function selected(db: Kysely<RuleTables>, now: number, sort: RuleSort) {
  return joined(db, now)
    .select(COLUMNS.map((name) => `rules.${name}` as const))
    .select(['rules.updated_at', 'running.reason', 'running.version as running_version', 'running.state as running_state', 'running.since'])
    .select(['costs.ns', 'costs.share'])
    .select((eb) => [
      STATE.as('state'),
      KEYS[sort].as('sort_key'),
      eb.fn.coalesce('hits.matches', sql<number>`0`).as('matches'),
      eb.fn.coalesce('seen.last_at', sql<number>`0`).as('last_at'),
    ]);
}

export async function findRule(db: Kysely<RuleTables>, id: string, now: number): Promise<(ListedRule & { yaml: string }) | undefined> {
  return await selected(db, now, 'title').select('rules.yaml').where('rules.id', '=', id).executeTakeFirst();
}

export interface RulePageRows {
  readonly rows: ListedRule[];
  readonly next?: string;
  readonly total: number;
}

/** One page: by the chosen order, then by title. */
export async function listRules(db: Kysely<RuleTables>, filter: RuleFilter, now: number): Promise<RulePageRows> {
  const limit = Math.min(filter.limit ?? 100, 500);
  const sort = filter.sort ?? 'title';
  const descending = (filter.direction ?? (sort === 'title' ? 'ascending' : 'descending')) === 'descending';
  const after = filter.cursor === undefined ? undefined : readCursor(filter.cursor, sort);
  const byTitle = sort === 'title' && descending;
  const rows = await selected(db, now, sort)
    .where((eb) => eb.and(conditions(eb, filter)))
    .$if(after !== undefined, (query) => query.where(beyond(KEYS[sort], { after: after ?? ['', '', ''], descending, byTitle })))
    .orderBy(KEYS[sort], descending ? 'desc' : 'asc')
    .orderBy('rules.title', byTitle ? 'desc' : 'asc')
    .orderBy('rules.id', byTitle ? 'desc' : 'asc')
    .limit(limit + 1)
    .execute();
  const { total } = await joined(db, now)
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .where((eb) => eb.and(conditions(eb, filter)))
    .executeTakeFirstOrThrow();
  const last = rows.slice(0, limit).at(-1);
  const next = rows.length > limit && last !== undefined ? { next: JSON.stringify([last.sort_key, last.title, last.id]) } : {};
  return { rows: rows.slice(0, limit), total, ...next };
}

type Place = readonly [key: string | number, title: string, id: string];

function beyond(key: RawBuilder<string | number>, place: { after: Place; descending: boolean; byTitle: boolean }): RawBuilder<SqlBool> {
  const [value, title, id] = place.after;
  const further = place.byTitle
    ? sql<SqlBool>`(rules.title, rules.id) < (${title}, ${id})`
    : sql<SqlBool>`(rules.title, rules.id) > (${title}, ${id})`;
  return place.descending
    ? sql<SqlBool>`(${key} < ${value} or (${key} = ${value} and ${further}))`
    : sql<SqlBool>`(${key} > ${value} or (${key} = ${value} and ${further}))`;
}

function conditions(eb: ExpressionBuilder<Joined, keyof Joined>, filter: RuleFilter): Expression<SqlBool>[] {
  const all: Expression<SqlBool>[] = [];
  if (filter.q !== undefined && filter.q !== '') {
    const like = `%${filter.q.replace(/[\\%_]/g, '\\$&')}%`.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
    const places = ['rules.title', 'rules.id', 'rules.tags', 'rules.origin'] as const;
    all.push(eb.or(places.map((column) => sql<SqlBool>`lower(${eb.ref(column)}) like ${like} escape '\\'`)));
  }
  if (filter.kind !== undefined) all.push(eb('rules.kind', '=', filter.kind));
  if (filter.level !== undefined) all.push(eb('rules.level', 'in', filter.level.split(',')));
  if (filter.product !== undefined) all.push(eb('rules.product', 'in', filter.product.split(',')));
  if (filter.enabled !== undefined) all.push(eb('rules.enabled', '=', filter.enabled ? 1 : 0));
  if (filter.state !== undefined) all.push(sql<SqlBool>`${STATE} in (${sql.join(filter.state.split(','))})`);
  return all;
}

/** An unreadable cursor starts from the beginning, like none. */
function readCursor(cursor: string, sort: RuleSort): Place | undefined {
  try {
    const value: unknown = JSON.parse(cursor);
    if (!Array.isArray(value)) return undefined;
    const [key, title, id]: unknown[] = value;
    const fits = sort === 'title' ? typeof key === 'string' : typeof key === 'number' && Number.isFinite(key);
    if (fits && (typeof key === 'string' || typeof key === 'number') && typeof title === 'string' && typeof id === 'string')
      return [key, title, id];
  } catch {
    // answered below
  }
  return undefined;
}
