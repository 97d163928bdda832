/** One batch of signals into the state: alerts, their events, history, changes and the offset, in the caller's transaction. */
import type { Transaction } from 'kysely';
import type { Live } from '@vong/platform/live';
import { logError } from '@vong/platform/log';
import type { Signal } from '../contracts.ts';
import { alertFor, joinSignal, newAlert, type WorkingAlert } from './join.ts';
import type { AlertRow, AlertTables } from './schema.ts';
import { summaryOf } from './summary.ts';

export const ALERTER_GROUP = 'alerter';

export interface SignalBatch {
  readonly partition: number;
  /** Where it was read from: the place stored with the batch before. */
  readonly from: number;
  /** The next offset to read after this batch. */
  readonly next: number;
  readonly signals: readonly Signal[];
}

export interface StoreOptions {
  readonly now: number;
  /** How far an event may be from the alert of a group it joins; without bound for a group that is one match of a correlation. */
  readonly windowMs: (group: string) => number;
  readonly live: Pick<Live, 'record'>;
}

/** Rows of one statement: with all their columns fewer values than any database takes. */
const CHUNK = 500;

/** Returns the alerts that are new or changed. */
export async function storeSignals(trx: Transaction<AlertTables>, batch: SignalBatch, options: StoreOptions): Promise<WorkingAlert[]> {
  const fresh = await withoutKnown(trx, batch.signals);
  const groups = await openAlerts(trx, fresh);
  const matches = new Set(fresh.map(({ group }) => group).filter((group) => options.windowMs(group) === Infinity));
  for (const { grp } of await closedAlerts(trx, [...matches])) matches.delete(grp);
  const links: AlertTables['alert_events'][] = [];
  for (const signal of fresh) {
    const candidates = groups.get(signal.group) ?? [];
    let alert = alertFor(candidates, signal.event.happened, options.windowMs(signal.group));
    if (alert === undefined) {
      alert = newAlert(signal, { now: options.now, only: matches.has(signal.group) });
      groups.set(signal.group, [...candidates, alert]);
    } else {
      joinSignal(alert, signal, options.now);
    }
    const { id: event_id, happened } = signal.event;
    links.push({
      signal_id: signal.id,
      alert_id: alert.row.id,
      event_id,
      agency: signal.agency,
      happened,
      rule_version: signal.rule.version,
    });
  }
  const changed = [...groups.values()].flat().filter((alert) => alert.changed);
  await writeAlerts(trx, changed);
  if (links.length > 0) await trx.insertInto('alert_events').values(links).execute();
  await writeCreated(trx, changed, options.now);
  await options.live.record(
    trx,
    changed.map(({ row }) => ({ kind: 'alert', agency: row.agency, key: row.id, body: summaryOf(row), at: options.now })),
  );
  await writeOffset(trx, batch);
  return changed;
}

/** Drops signals already stored, and repeats within the batch. */
async function withoutKnown(trx: Transaction<AlertTables>, signals: readonly Signal[]): Promise<Signal[]> {
  if (signals.length === 0) return [];
  const unique = new Map(signals.map((signal) => [signal.id, signal]));
  const known = await trx
    .selectFrom('alert_events')
    .select('signal_id')
    .where('signal_id', 'in', [...unique.keys()])
    .execute();
  for (const { signal_id } of known) unique.delete(signal_id);
  return [...unique.values()];
}

async function openAlerts(trx: Transaction<AlertTables>, signals: readonly Signal[]): Promise<Map<string, WorkingAlert[]>> {
  const groups = new Map<string, WorkingAlert[]>();
  if (signals.length === 0) return groups;
  const names = [...new Set(signals.map((signal) => signal.group))];
  const rows = await trx
    .selectFrom('alerts')
    .selectAll()
    .where('grp', 'in', names)
    .where('status', 'in', ['open', 'acknowledged'])
    .orderBy('first')
    .orderBy('id')
    .execute();
  for (const row of rows) {
    const alert: WorkingAlert = { row, isNew: false, changed: false };
    const group = groups.get(row.grp);
    if (group === undefined) groups.set(row.grp, [alert]);
    else group.push(alert);
  }
  return groups;
}

/** What a person has closed stays closed: a match that goes on gets another alert. */
async function closedAlerts(trx: Transaction<AlertTables>, groups: readonly string[]): Promise<Pick<AlertRow, 'grp'>[]> {
  if (groups.length === 0) return [];
  return await trx.selectFrom('alerts').select('grp').distinct().where('grp', 'in', groups).where('status', '=', 'closed').execute();
}

async function writeAlerts(trx: Transaction<AlertTables>, alerts: readonly WorkingAlert[]): Promise<void> {
  const fresh = alerts.filter((alert) => alert.isNew).map((alert) => alert.row);
  const joined = alerts.filter((alert) => !alert.isNew).map((alert) => alert.row);
  for (const rows of chunks(fresh)) await trx.insertInto('alerts').values(rows).execute();
  for (const rows of chunks(joined)) await updateJoined(trx, rows);
}

const JOINED = ['count', 'first', 'last', 'host', 'user_name', 'search', 'updated_at', 'rule_version'] as const;

/** All in one statement: each would be a way to the database of its own. The rows are there, so each of them conflicts. */
async function updateJoined(trx: Transaction<AlertTables>, rows: readonly AlertRow[]): Promise<void> {
  await trx
    .insertInto('alerts')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((row) => Object.fromEntries(JOINED.map((name) => [name, row.ref(`excluded.${name}`)]))),
    )
    .execute();
}

function* chunks<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let from = 0; from < rows.length; from += CHUNK) yield rows.slice(from, from + CHUNK);
}

async function writeCreated(trx: Transaction<AlertTables>, alerts: readonly WorkingAlert[], at: number): Promise<void> {
  const entries = alerts
    .filter((alert) => alert.isNew)
    .map(({ row }) => ({
      alert_id: row.id,
      agency: row.agency,
      at,
      actor_kind: 'system',
      actor_id: 'alerter',
      actor_name: 'alerter',
      kind: 'created' as const,
      comment: null,
      changes: null,
    }));
  if (entries.length > 0) await trx.insertInto('alert_history').values(entries).execute();
}

/** The place moves on from where this alerter believes it is, or another one has the partition now. */
async function writeOffset(trx: Transaction<AlertTables>, { partition, from, next }: SignalBatch): Promise<void> {
  const moved = await trx
    .insertInto('alert_offsets')
    .values({ partition, next })
    .onConflict((conflict) => conflict.column('partition').doUpdateSet({ next }).where('alert_offsets.next', '=', from))
    .returning('partition')
    .executeTakeFirst();
  if (moved === undefined) throw logError('LOG_FENCED', { partition, topic: 'signals', group: ALERTER_GROUP });
}
