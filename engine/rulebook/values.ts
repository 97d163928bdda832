/** Values for the placeholders of rules, given per agency: kept, changed by its administrators, handed to the detectors. */
import type { Kysely, Transaction } from 'kysely';
import type { Clock } from '@vong/platform/clock';
import { reaches, recordAudit, ROOT_AGENCY, type AuditTables, type By, type Scope } from '@vong/platform/identity';
import type { Live } from '@vong/platform/live';
import type { Logger } from '@vong/platform/logger';
import { every } from '@vong/platform/process';
import type { State } from '@vong/platform/state';
import type { PlaceholderView, ValuesChange } from '../contracts.ts';
import type { AgencyValues, PlaceholderValues } from '../detector/index.ts';
import { entriesOf, pathOf, valuesAlong, valuesOfTree } from './agency-values.ts';
import { rulesError } from './errors.ts';
import type { RuleTables, ValuesRow } from './schema.ts';

type Tables = RuleTables & AuditTables;

/** How often the tree of agencies is looked at: who is below whom decides which values are inherited. */
const WATCH_MS = 2000;
/** Placeholders one agency may give values for. */
const MOST_NAMES = 500;

type GivenValues = Pick<ValuesChange, 'values' | 'replaces'>;

export interface ValuesOptions {
  readonly state: State;
  readonly clock: Clock;
  readonly live?: Pick<Live, 'record' | 'announce'>;
}

export class Values {
  readonly #options: ValuesOptions;
  readonly #listeners = new Set<() => void>();
  #seen = '';

  constructor(options: ValuesOptions) {
    this.#options = options;
  }

  /** Calls back after every change. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Also notices agencies that came or moved. Returns how to stop. */
  start(logger: Pick<Logger, 'error'>): () => void | Promise<void> {
    return every(WATCH_MS, async () => await this.#look(), logger);
  }

  /** What the detectors need to know. */
  async current(): Promise<AgencyValues> {
    const rows = await this.#db().selectFrom('rule_values').selectAll().execute();
    if (rows.length === 0) return { sets: [{}], agencies: {} };
    const agencies = await this.#db().selectFrom('agencies').select(['agency', 'path']).execute();
    return valuesOfTree(agencies, rows);
  }

  /** The values rules see in the agency's events. */
  async of(agency: string): Promise<PlaceholderValues> {
    const path = await this.#path(agency);
    return valuesAlong(path, await this.#along(path));
  }

  /** Every placeholder that a rule names or the agency has values for. */
  async list(scope: Scope, agency: string): Promise<PlaceholderView[]> {
    const path = await this.#reached(scope, agency);
    const rows = await this.#along(path);
    const rules = await this.#db().selectFrom('rules').select(['id', 'title', 'placeholders']).where('placeholders', '!=', '[]').execute();
    const named = rules.map(({ id, title, placeholders }) => ({ id, title, names: entriesOf({ entries: placeholders }) }));
    const names = new Set([...named.flatMap((rule) => rule.names), ...rows.map((row) => row.name)]);
    const [above, all] = [valuesAlong(path.slice(0, -1), rows), valuesAlong(path, rows)];
    return [...names].sort().map((name) => ({
      name,
      rules: named.filter((rule) => rule.names.includes(name)).map(({ id, title }) => ({ id, title })),
      inherited: [...(above[name] ?? [])],
      effective: [...(all[name] ?? [])],
      ...ownOf(rows.find((row) => row.agency === agency && row.name === name)),
    }));
  }

  /** Gives the agency's own values; an empty change takes them back. */
  async change(by: By, place: { agency: string; name: string }, change: GivenValues | undefined): Promise<void> {
    const { agency, name } = place;
    await this.#reached(by.scope, agency);
    await this.#options.state.transaction<Tables, void>(by.scope, async (trx) => {
      const rows = await trx.selectFrom('rule_values').selectAll().where('agency', '=', agency).execute();
      const before = rows.find((row) => row.name === name);
      if (change === undefined && before === undefined) return;
      if (before === undefined && rows.length >= MOST_NAMES) throw rulesError('RULES_VALUES_MANY', { limit: MOST_NAMES });
      await this.#store(trx, { agency, name, change, by });
      const details = { before: ownOf(before).own?.values ?? null, after: change?.values ?? null, replaces: change?.replaces ?? false };
      await recordAudit(trx, { ...by, action: 'values.change', target: name, agency, details });
    });
    await this.#tell();
  }

  async #store(trx: Transaction<Tables>, wish: { agency: string; name: string; change: GivenValues | undefined; by: By }): Promise<void> {
    const { agency, name, change, by } = wish;
    await trx.deleteFrom('rule_values').where('agency', '=', agency).where('name', '=', name).execute();
    if (change === undefined) return;
    const entries = JSON.stringify([...new Set(change.values)]);
    const replaces = change.replaces ? 1 : 0;
    const row: ValuesRow = { agency, name, entries, replaces, updated_at: this.#options.clock.now(), updated_by: by.scope.actor.name };
    await trx.insertInto('rule_values').values(row).execute();
  }

  /** Which rules lack values may change with it: consoles read the rules anew. */
  async #tell(): Promise<void> {
    const { state, live, clock } = this.#options;
    if (live !== undefined)
      await state.transaction<Tables, void>('system', (trx) =>
        live.record(trx, { kind: 'rule', agency: ROOT_AGENCY, key: '*', body: null, at: clock.now() }),
      );
    live?.announce();
    for (const listener of this.#listeners) listener();
  }

  async #look(): Promise<void> {
    const seen = JSON.stringify(await this.current());
    const changed = this.#seen !== '' && this.#seen !== seen;
    this.#seen = seen;
    if (changed) for (const listener of this.#listeners) listener();
  }

  #db(): Kysely<Tables> {
    return this.#options.state.system<Tables>();
  }

  async #path(agency: string): Promise<string[]> {
    const row = await this.#db().selectFrom('agencies').select('path').where('agency', '=', agency).executeTakeFirst();
    return row === undefined ? [] : pathOf(row);
  }

  async #reached(scope: Scope, agency: string): Promise<string[]> {
    const path = reaches(scope, agency) ? await this.#path(agency) : [];
    if (path.length === 0) throw rulesError('RULES_AGENCY_UNKNOWN', { agency });
    return path;
  }

  /** Also of agencies above the reader's: what is inherited from them is looked for in the reader's own events. */
  async #along(path: readonly string[]): Promise<ValuesRow[]> {
    if (path.length === 0) return [];
    return await this.#db()
      .selectFrom('rule_values')
      .selectAll()
      .where('agency', 'in', [...path])
      .execute();
  }
}

function ownOf(row: ValuesRow | undefined): Pick<PlaceholderView, 'own'> {
  if (row === undefined) return {};
  return { own: { values: entriesOf(row), replaces: row.replaces === 1, updatedAt: row.updated_at, updatedBy: row.updated_by } };
}
