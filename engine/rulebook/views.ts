/** How the console sees the rulebook: pages of summaries, one rule in full, what could not be loaded. */
import type { Kysely } from 'kysely';
import { parseSigma, placeholdersOf } from 'sigma-rules-ts';
import type { Clock } from '@vong/platform/clock';
import type { Scope } from '@vong/platform/identity';
import type { State } from '@vong/platform/state';
import type { RuleDetail, RuleFailure, RuleSummary, Severity } from '../contracts.ts';
import { rulesError } from './errors.ts';
import { findRule, listRules, type ListedRule, type RuleFilter } from './list.ts';
import { hourlyMatches } from './matches.ts';
import type { RuleTables } from './schema.ts';

export interface RulePage {
  readonly items: RuleSummary[];
  readonly next?: string;
  readonly total: number;
}

export class RuleViews {
  readonly #state: State;
  readonly #clock: Clock;

  constructor(options: { state: State; clock: Clock }) {
    this.#state = options.state;
    this.#clock = options.clock;
  }

  /** Rules in the order asked for (default: by title); pages of `limit` (default 100, at most 500). */
  async list(scope: Scope, filter: RuleFilter): Promise<RulePage> {
    const db = this.#as(scope);
    const { rows, ...rest } = await listRules(db, filter, this.#clock.now());
    const matched = rows.filter((row) => row.matches > 0).map((row) => row.id);
    const hours = await hourlyMatches(db, matched, this.#clock.now());
    return { items: rows.map((row) => summaryOf(row, hours.get(row.id))), ...rest };
  }

  async get(scope: Scope, id: string): Promise<RuleDetail> {
    const found = await this.find(scope, id);
    if (found === undefined) throw rulesError('RULES_NOT_FOUND', { id });
    return found;
  }

  async find(scope: Scope, id: string): Promise<RuleDetail | undefined> {
    const db = this.#as(scope);
    const row = await findRule(db, id, this.#clock.now());
    if (row === undefined) return undefined;
    const { rules, correlations } = parseSigma(row.yaml, row.origin);
    const rule = rules.find((each) => each.id === id) ?? correlations.find((each) => each.id === id);
    const hours = await hourlyMatches(db, [id], this.#clock.now());
    return {
      ...summaryOf(row, hours.get(id)),
      yaml: row.yaml,
      ...(rule?.description === undefined ? {} : { description: rule.description }),
      ...(rule?.author === undefined ? {} : { author: rule.author }),
      references: [...(rule?.references ?? [])],
      falsepositives: [...(rule?.falsepositives ?? [])],
      placeholders: rule === undefined || 'timespanMs' in rule ? [] : placeholdersOf(rule),
    };
  }

  /** The rule's text in a version it has or had; as it is now where that version is not kept. */
  async text(id: string, version?: string): Promise<{ yaml: string; origin: string; version: string } | undefined> {
    const db = this.#state.system<RuleTables>();
    const now = await db.selectFrom('rules').select(['yaml', 'origin', 'version']).where('id', '=', id).executeTakeFirst();
    if (now === undefined || version === undefined || now.version === version) return now;
    const kept = await db
      .selectFrom('rule_versions')
      .select(['yaml', 'version'])
      .where('rule_id', '=', id)
      .where('version', '=', version)
      .executeTakeFirst();
    return kept === undefined ? now : { ...now, ...kept };
  }

  /** The filters that are switched on. */
  async filters(): Promise<{ yaml: string; origin: string }[]> {
    const db = this.#state.system<RuleTables>();
    return await db.selectFrom('rules').select(['yaml', 'origin']).where('kind', '=', 'filter').where('enabled', '=', 1).execute();
  }

  async failures(): Promise<RuleFailure[]> {
    const db = this.#state.system<RuleTables>();
    const rows = await db.selectFrom('rule_failures').selectAll().orderBy('file').limit(1000).execute();
    return rows.map(({ file, code, reason, line, column }) => ({
      file,
      code,
      reason,
      ...(line === null ? {} : { line }),
      ...(column === null ? {} : { column }),
    }));
  }

  #as(scope: Scope): Kysely<RuleTables> {
    return this.#state.as<RuleTables>(scope);
  }
}

function summaryOf(row: ListedRule, hourly: number[] | undefined): RuleSummary {
  const logsource = Object.fromEntries(
    (['product', 'service', 'category'] as const).flatMap((key) => (row[key] === null ? [] : [[key, row[key]]])),
  );
  const reason = row.fault ?? (row.state === 'pending' ? null : row.reason);
  return {
    id: row.id,
    ...(row.kind === 'rule' ? {} : { kind: row.kind }),
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
    matches24h: row.matches,
    ...(hourly === undefined ? {} : { hourly }),
    ...(row.last_at === 0 ? {} : { lastMatch: row.last_at }),
    state: row.state,
    ...(reason === null ? {} : { reason }),
    ...(row.running_version === null || row.since === null || row.running_state !== 'in_use'
      ? {}
      : { inUse: { version: row.running_version, since: row.since } }),
    ...(row.ns === null || row.share === null ? {} : { cost: { ns: row.ns, share: row.share } }),
    updatedAt: row.updated_at,
  };
}
