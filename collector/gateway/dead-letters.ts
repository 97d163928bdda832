/** Dead letters: from the log's topic into the state, for the console; read by scope, replayed at most once each. */
import type { Clock } from '@vong/platform/clock';
import { type By, type Scope, recordAudit } from '@vong/platform/identity';
import type { ChangeTables, Live } from '@vong/platform/live';
import type { Log, StoredRecord } from '@vong/platform/log';
import type { State } from '@vong/platform/state';
import type { DeadLetterView } from '../contracts.ts';
import type { DeadLetter } from './batch.ts';
import { gatewayError } from './errors.ts';
import type { ReplayJob, Stored } from './messages.ts';
import { preview } from './preview.ts';
import type { DeadLetterRow, GatewayTables } from './schema.ts';

type Tables = GatewayTables & ChangeTables;
type Columns = Omit<DeadLetterRow, 'raw' | 'envelope'>;

export interface DeadLettersDeps {
  readonly state: State;
  readonly log: Log;
  readonly clock: Clock;
  readonly replay: (job: ReplayJob) => Promise<Stored>;
  readonly live?: Live;
}

export interface DeadLetterPage {
  items: DeadLetterView[];
  next?: string;
}

/** Group under which the log knows how far the table is: retention keeps what is not in it yet. */
export const DEAD_LETTER_GROUP = 'dead-letter-table';
/** Rows kept in the table; the oldest go first. */
export const MAX_DEAD_LETTERS = 100_000;
const READ_RECORDS = 500;
const READ_BYTES = 16 * 1024 * 1024;
const ROWS_PER_STATEMENT = 50;
const ANNOUNCED_PER_READ = 20;
const REPLAY_LIMIT = 10_000;
const COLUMNS = ['id', 'agency', 'agent', 'agent_name', 'code', 'reason', 'at', 'bytes', 'preview', 'replayed_at', 'replay_error'] as const;

export class DeadLetters {
  readonly #deps: DeadLettersDeps;

  constructor(deps: DeadLettersDeps) {
    this.#deps = deps;
  }

  /**
   * Brings what the topic has grown by into the table; rows and offset in one transaction. Every gateway and console does; what
   * another was quicker with is left to it. Returns how many records it took.
   */
  async materialise(): Promise<number> {
    const { log, state } = this.#deps;
    const offsets = await state.system<Tables>().selectFrom('dead_letter_offsets').selectAll().execute();
    const next = new Map(offsets.map((row) => [row.partition, row.next]));
    let taken = 0;
    for (const { partition, endOffset, startOffset } of await log.partitions('dead-letters')) {
      const known = next.get(partition) ?? 0;
      const offset = Math.max(known, startOffset);
      if (offset >= endOffset) continue;
      const read = await log.read({ topic: 'dead-letters', partition, offset, maxRecords: READ_RECORDS, maxBytes: READ_BYTES });
      if (!(await this.#store(read.records, { partition, known, next: read.nextOffset }))) continue;
      await log.commit([{ group: DEAD_LETTER_GROUP, topic: 'dead-letters', partition, offset: read.nextOffset }]);
      taken += read.records.length;
    }
    if (taken > 0) {
      await this.#prune();
      this.#deps.live?.announce();
    }
    return taken;
  }

  async list(scope: Scope, query: { agent?: string; cursor?: string; limit?: number }): Promise<DeadLetterPage> {
    const limit = query.limit ?? 100;
    let select = this.#deps.state.as<Tables>(scope).selectFrom('dead_letters').select(COLUMNS);
    if (query.agent !== undefined) select = select.where('agent', '=', query.agent);
    const after = query.cursor === undefined ? undefined : readCursor(query.cursor);
    if (after !== undefined) {
      select = select.where((where) =>
        where.or([where('at', '<', after.at), where.and([where('at', '=', after.at), where('id', '<', after.id)])]),
      );
    }
    const rows = await select
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute();
    const items = rows.slice(0, limit).map(viewOf);
    const last = items.at(-1);
    return rows.length > limit && last !== undefined ? { items, next: `${last.at}:${last.id}` } : { items };
  }

  /** The exact bytes; throws INGEST_DEAD_LETTER_UNKNOWN outside the scope too. */
  async raw(scope: Scope, id: string): Promise<Uint8Array> {
    const row = await this.#deps.state.as<Tables>(scope).selectFrom('dead_letters').select('raw').where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw gatewayError('INGEST_DEAD_LETTER_UNKNOWN');
    return row.raw;
  }

  /** Parses again what was not replayed with success yet; at most 10,000 in one call. */
  async replay(by: By, which: { ids: readonly string[] } | 'all'): Promise<{ replayed: number; failed: number }> {
    let select = this.#deps.state.as<Tables>(by.scope).selectFrom('dead_letters').select('id').where('replayed_at', 'is', null);
    if (which !== 'all') select = select.where('id', 'in', [...which.ids]);
    const rows = await select.orderBy('at').limit(REPLAY_LIMIT).execute();
    const result = { replayed: 0, failed: 0 };
    for (const { id } of rows) {
      if (await this.#replayOne(by, id)) result.replayed++;
      else result.failed++;
    }
    this.#deps.live?.announce();
    return result;
  }

  async #replayOne(by: By, id: string): Promise<boolean> {
    const { state, clock } = this.#deps;
    const row = await state.as<Tables>(by.scope).selectFrom('dead_letters').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) return false;
    const now = clock.now();
    const failure =
      row.bytes > row.raw.byteLength ? 'Only the beginning of the record was kept.' : (await this.#deps.replay(jobOf(row, now))).failure;
    await state.transaction<Tables, void>(by.scope, async (trx) => {
      const change = failure === undefined ? { replayed_at: now, replay_error: null } : { replay_error: failure };
      await trx.updateTable('dead_letters').set(change).where('id', '=', id).execute();
      await recordAudit(trx, {
        ...by,
        action: 'dead_letter.replay',
        target: id,
        agency: row.agency,
        details: { failure: failure ?? null },
        at: now,
      });
      await this.#deps.live?.record(trx, {
        kind: 'dead_letter',
        agency: row.agency,
        key: id,
        body: viewOf({ ...row, ...change }),
        at: now,
      });
    });
    return failure === undefined;
  }

  /** False, and nothing is stored, when the table is no longer where the records begin. */
  async #store(records: readonly StoredRecord[], offset: { partition: number; known: number; next: number }): Promise<boolean> {
    const rows = records.map(rowOf);
    const { partition, known, next } = offset;
    return await this.#deps.state.transaction<Tables, boolean>('system', async (trx) => {
      const now = await trx.selectFrom('dead_letter_offsets').select('next').where('partition', '=', partition).executeTakeFirst();
      if ((now?.next ?? 0) !== known) return false;
      for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT)
        await trx
          .insertInto('dead_letters')
          .values(rows.slice(from, from + ROWS_PER_STATEMENT))
          .onConflict((conflict) => conflict.column('id').doNothing())
          .execute();
      await trx
        .insertInto('dead_letter_offsets')
        .values({ partition, next })
        .onConflict((conflict) => conflict.column('partition').doUpdateSet({ next }))
        .execute();
      for (const row of rows.slice(-ANNOUNCED_PER_READ)) {
        await this.#deps.live?.record(trx, { kind: 'dead_letter', agency: row.agency, key: row.id, body: viewOf(row), at: row.at });
      }
      return true;
    });
  }

  async #prune(): Promise<void> {
    const db = this.#deps.state.system<Tables>();
    const cut = await db.selectFrom('dead_letters').select('at').orderBy('at', 'desc').offset(MAX_DEAD_LETTERS).limit(1).executeTakeFirst();
    if (cut !== undefined) await db.deleteFrom('dead_letters').where('at', '<=', cut.at).execute();
  }
}

function rowOf(record: StoredRecord): DeadLetterRow {
  // Written by this package's worker.
  const letter: DeadLetter = JSON.parse(Buffer.from(record.value).toString('utf8'));
  const raw = Buffer.from(letter.raw64, 'base64');
  return {
    id: letter.id,
    agency: letter.agency,
    agent: letter.agent,
    agent_name: letter.agentName,
    code: letter.code,
    reason: letter.reason,
    at: letter.at,
    bytes: letter.bytes,
    preview: preview(raw),
    raw,
    envelope: letter.envelope === undefined ? null : JSON.stringify(letter.envelope),
    replayed_at: null,
    replay_error: null,
  };
}

function viewOf(row: Columns): DeadLetterView {
  const view: DeadLetterView = {
    id: row.id,
    agency: row.agency,
    agent: row.agent_name,
    code: row.code,
    reason: row.reason,
    at: row.at,
    bytes: row.bytes,
    preview: row.preview,
  };
  if (row.replayed_at !== null) view.replayedAt = row.replayed_at;
  if (row.replay_error !== null) view.replayError = row.replay_error;
  return view;
}

function jobOf(row: DeadLetterRow, now: number): ReplayJob {
  const agent = { id: row.agent, name: row.agent_name, agency: row.agency };
  const job = { kind: 'replay', id: row.id, agent, now, raw: Uint8Array.from(row.raw) } as const;
  if (row.envelope === null) return job;
  const envelope: NonNullable<ReplayJob['envelope']> = JSON.parse(row.envelope);
  return { ...job, envelope };
}

function readCursor(cursor: string): { at: number; id: string } | undefined {
  const colon = cursor.indexOf(':');
  const at = Number(cursor.slice(0, Math.max(0, colon)));
  return colon > 0 && Number.isSafeInteger(at) ? { at, id: cursor.slice(colon + 1) } : undefined;
}
