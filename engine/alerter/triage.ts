/** Changes by people: each with its history entry, audit entry and push, in one transaction. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import type { Clock } from '@vong/platform/clock';
import { VongError } from '@vong/platform/errors';
import { recordAudit, type Scope } from '@vong/platform/identity';
import type { Live } from '@vong/platform/live';
import type { State } from '@vong/platform/state';
import type { AlertBulkChange, AlertChange, AlertHistoryEntry, AlertSummary } from '../contracts.ts';
import { findAssignee } from './assignee.ts';
import { alertError } from './errors.ts';
import { plannedChange, type PlannedChange } from './plan-change.ts';
import type { AlertRow, AlertTables } from './schema.ts';
import { historyOf, summaryOf } from './summary.ts';

export interface TriageDeps {
  readonly state: State;
  readonly live: Pick<Live, 'record' | 'announce'>;
  readonly clock: Clock;
}

/** Who changes something, and from which address. */
export interface By {
  readonly scope: Scope;
  readonly from?: string;
}

export interface BulkResult {
  changed: AlertSummary[];
  failed: { id: string; code: string; message: string }[];
}

/** Few enough that one transaction does not hold the thread for long. */
const BULK_STEP = 25;

export class Triage {
  readonly #deps: TriageDeps;

  constructor(deps: TriageDeps) {
    this.#deps = deps;
  }

  /** Throws ALERT_CHANGED, with the alert as it is, when `version` is not the stored one. */
  async change(by: By, id: string, { version, ...change }: AlertChange): Promise<AlertSummary> {
    const row = await this.#transaction(by, async (trx) => {
      const current = await findAlert(trx, id);
      if (current.version !== version) throw alertError('ALERT_CHANGED', { id, alert: summaryOf(current) });
      return this.#apply(trx, by, { current, change });
    });
    this.#deps.live.announce();
    return summaryOf(row);
  }

  async changeMany(by: By, { ids, ...change }: AlertBulkChange): Promise<BulkResult> {
    const result: BulkResult = { changed: [], failed: [] };
    const unique = [...new Set(ids)];
    for (let at = 0; at < unique.length; at += BULK_STEP) {
      const step = await this.#transaction(by, (trx) => this.#changeStep(trx, by, { ids: unique.slice(at, at + BULK_STEP), change }));
      result.changed.push(...step.changed);
      result.failed.push(...step.failed);
      this.#deps.live.announce();
      await nextTurn();
    }
    return result;
  }

  async comment(by: By, id: string, text: string): Promise<AlertHistoryEntry> {
    const entry = await this.#transaction(by, async (trx) => {
      const current = await findAlert(trx, id);
      const at = this.#deps.clock.now();
      const row = { ...current, updated_at: at };
      await trx.updateTable('alerts').set({ updated_at: at }).where('id', '=', id).execute();
      const written = await this.#record(trx, by, { row, kind: 'comment', comment: text, changes: null });
      await recordAudit(trx, audit(by, row, { action: 'alert.comment', details: { text } }));
      return written;
    });
    this.#deps.live.announce();
    return entry;
  }

  #transaction<Result>(by: By, body: (trx: Transaction<AlertTables>) => Promise<Result>): Promise<Result> {
    return this.#deps.state.transaction<AlertTables, Result>(by.scope, body);
  }

  async #changeStep(
    trx: Transaction<AlertTables>,
    by: By,
    { ids, change }: { ids: readonly string[]; change: Omit<AlertChange, 'version'> },
  ): Promise<BulkResult> {
    const step: BulkResult = { changed: [], failed: [] };
    for (const id of ids) {
      try {
        // Everything that can refuse comes before the first write, so a refused alert leaves nothing in the shared transaction.
        step.changed.push(summaryOf(await this.#apply(trx, by, { current: await findAlert(trx, id), change })));
      } catch (error) {
        if (!(error instanceof VongError) || !error.code.startsWith('ALERT_')) throw error;
        step.failed.push({ id, code: error.code, message: error.message });
      }
    }
    return step;
  }

  async #apply(
    trx: Transaction<AlertTables>,
    by: By,
    { current, change }: { current: AlertRow; change: Omit<AlertChange, 'version'> },
  ): Promise<AlertRow> {
    const assignee = await findAssignee(trx, by.scope, { wanted: change.assignee, agency: current.agency });
    const plan: PlannedChange = plannedChange(current, change, assignee);
    if (Object.keys(plan.changes).length === 0) return current;
    const at = this.#deps.clock.now();
    const row: AlertRow = { ...current, ...plan.set, updated_at: at, version: current.version + 1 };
    await trx
      .updateTable('alerts')
      .set({ ...plan.set, updated_at: at, version: row.version })
      .where('id', '=', row.id)
      .execute();
    await this.#record(trx, by, { row, kind: 'changed', comment: null, changes: JSON.stringify(plan.changes) });
    await recordAudit(trx, audit(by, row, { action: 'alert.change', details: plan.changes }));
    return row;
  }

  /** History and push. */
  async #record(
    trx: Transaction<AlertTables>,
    by: By,
    entry: { row: AlertRow; kind: 'changed' | 'comment'; comment: string | null; changes: string | null },
  ): Promise<AlertHistoryEntry> {
    const { row, kind, comment, changes } = entry;
    const { actor } = by.scope;
    const at = row.updated_at;
    const history = { alert_id: row.id, agency: row.agency, at, kind, comment, changes };
    const values = { ...history, actor_kind: actor.kind, actor_id: actor.id, actor_name: actor.name };
    await trx.insertInto('alert_history').values(values).execute();
    await this.#deps.live.record(trx, { kind: 'alert', agency: row.agency, key: row.id, body: summaryOf(row), at });
    return historyOf(values);
  }
}

export async function findAlert(db: Pick<Transaction<AlertTables>, 'selectFrom'>, id: string): Promise<AlertRow> {
  const row = await db.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw alertError('ALERT_NOT_FOUND', { id });
  return row;
}

function audit(by: By, row: AlertRow, entry: { action: string; details: Record<string, unknown> }) {
  const from = by.from === undefined ? {} : { from: by.from };
  return { scope: by.scope, target: row.id, agency: row.agency, at: row.updated_at, ...from, ...entry };
}
