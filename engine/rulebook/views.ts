/** How the console sees the rulebook: pages of summaries, one rule in full, what could not be loaded. */
import { sql, type Expression, type ExpressionBuilder, type Kysely, type SqlBool } from 'kysely';
import { parseRules } from 'sigma-rules-ts';
import type { Clock } from '@vong/platform/clock';
import type { State } from '@vong/platform/state';
import type { RuleDetail, RuleFailure, RuleSummary, Severity } from '../contracts.ts';
import { rulesError } from './errors.ts';
import type { RuleRow, RuleTables } from './schema.ts';

export interface RuleFilter {
  readonly q?: string;
  readonly level?: string;
  readonly product?: string;
  readonly enabled?: boolean;
  readonly cursor?: string;
  readonly limit?: number;
}

export interface RulePage {
  readonly items: RuleSummary[];
  readonly next?: string;
  readonly total: number;
}

const DAY_HOURS = 24;

export class RuleViews {
  readonly #state: State;
  readonly #clock: Clock;

  constructor(options: { state: State; clock: Clock }) {
    this.#state = options.state;
    this.#clock = options.clock;
  }

  /** Rules by title; pages of `limit` (default 100, at most 500). */
  async list(filter: RuleFilter): Promise<RulePage> {
    const limit = Math.min(filter.limit ?? 100, 500);
    const after = filter.cursor === undefined ? undefined : readCursor(filter.cursor);
    const rows = await this.#db()
      .selectFrom('rules')
      .selectAll()
      .where((eb) =>
        eb.and([
          ...conditions(eb, filter),
          ...(after === undefined ? [] : [eb(eb.refTuple('title', 'id'), '>', eb.tuple(after[0], after[1]))]),
        ]),
      )
      .orderBy('title')
      .orderBy('id')
      .limit(limit + 1)
      .execute();
    const { total } = await this.#db()
      .selectFrom('rules')
      .select((eb) => eb.fn.countAll<number>().as('total'))
      .where((eb) => eb.and(conditions(eb, filter)))
      .executeTakeFirstOrThrow();
    const page = rows.slice(0, limit);
    const matches = await this.#matches(page.map((row) => row.id));
    const last = page.at(-1);
    const items = page.map((row) => summaryOf(row, matches.get(row.id) ?? 0));
    return { items, total, ...(rows.length > limit && last !== undefined ? { next: JSON.stringify([last.title, last.id]) } : {}) };
  }

  async get(id: string): Promise<RuleDetail> {
    const found = await this.find(id);
    if (found === undefined) throw rulesError('RULES_NOT_FOUND', { id });
    return found;
  }

  async find(id: string): Promise<RuleDetail | undefined> {
    const row = await this.#db().selectFrom('rules').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) return undefined;
    const rule = parseRules(row.yaml, row.origin).rules.find((each) => each.id === id);
    const matches = await this.#matches([id]);
    return {
      ...summaryOf(row, matches.get(id) ?? 0),
      yaml: row.yaml,
      ...(rule?.description === undefined ? {} : { description: rule.description }),
      ...(rule?.author === undefined ? {} : { author: rule.author }),
      references: [...(rule?.references ?? [])],
      falsepositives: [...(rule?.falsepositives ?? [])],
    };
  }

  async failures(): Promise<RuleFailure[]> {
    const rows = await this.#db().selectFrom('rule_failures').selectAll().orderBy('file').limit(1000).execute();
    return rows.map(({ file, code, reason, line, column }) => ({
      file,
      code,
      reason,
      ...(line === null ? {} : { line }),
      ...(column === null ? {} : { column }),
    }));
  }

  #db(): Kysely<RuleTables> {
    return this.#state.system<RuleTables>();
  }

  async #matches(ids: readonly string[]): Promise<Map<string, number>> {
    if (ids.length === 0) return new Map();
    const since = Math.floor(this.#clock.now() / 3_600_000) - DAY_HOURS;
    const rows = await this.#db()
      .selectFrom('rule_matches')
      .select((eb) => ['rule_id', eb.fn.sum<number>('matches').as('matches')])
      .where('rule_id', 'in', [...ids])
      .where('hour', '>', since)
      .groupBy('rule_id')
      .execute();
    return new Map(rows.map((row) => [row.rule_id, row.matches]));
  }
}

function conditions(eb: ExpressionBuilder<RuleTables, 'rules'>, filter: RuleFilter): Expression<SqlBool>[] {
  const all: Expression<SqlBool>[] = [];
  if (filter.q !== undefined && filter.q !== '') {
    const like = `%${filter.q.replace(/[\\%_]/g, '\\$&')}%`;
    all.push(eb.or((['title', 'id', 'tags', 'origin'] as const).map((column) => sql<SqlBool>`${eb.ref(column)} like ${like} escape '\\'`)));
  }
  if (filter.level !== undefined) all.push(eb('level', 'in', filter.level.split(',')));
  if (filter.product !== undefined) all.push(eb('product', 'in', filter.product.split(',')));
  if (filter.enabled !== undefined) all.push(eb('enabled', '=', filter.enabled ? 1 : 0));
  return all;
}

function readCursor(cursor: string): [string, string] {
  try {
    const value: unknown = JSON.parse(cursor);
    if (Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'string') return [value[0], value[1]];
  } catch {
    // an unreadable cursor starts from the beginning, like none
  }
  return ['', ''];
}

function summaryOf(row: RuleRow, matches24h: number): RuleSummary {
  const logsource = Object.fromEntries(
    (['product', 'service', 'category'] as const).flatMap((key) => (row[key] === null ? [] : [[key, row[key]]])),
  );
  return {
    id: row.id,
    title: row.title,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written from a parsed rule
    level: row.level as Severity,
    status: row.status,
    logsource,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written from a parsed rule
    tags: JSON.parse(row.tags) as string[],
    enabled: row.enabled === 1,
    origin: row.origin,
    version: row.version,
    matches24h,
    ...(row.fault === null ? {} : { fault: row.fault }),
    updatedAt: row.updated_at,
  };
}
