import type { Clock } from '@vong/platform/clock';
import { recordAudit, type By, type Scope } from '@vong/platform/identity';
import { randomId } from '@vong/platform/ids';
import type { Live, Signals } from '@vong/platform/live';
import type { Logger } from '@vong/platform/logger';
import type { State } from '@vong/platform/state';
import type { Transaction } from 'kysely';
import type { ReplayCreate, ReplayView } from '../contracts.ts';
import { replayError } from './errors.ts';
import { Presence } from './presence.ts';
import { ProgressKeeper } from './progress.ts';
import { Recordings } from './recordings.ts';
import { replayFile } from './replay-file.ts';
import type { ReplayProgress, ReplayResult } from './replay-file.ts';
import { replayView } from './schema.ts';
import type { ReplayRow, ReplayTables } from './schema.ts';
import { fingerprint } from './survey.ts';

export interface ReplaysDeps {
  readonly state: State;
  readonly live?: Live;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where uploads are kept: `<data>/recordings`. */
  readonly recordingsDirectory: string;
  /** Folders whose recordings everyone may replay. */
  readonly libraryDirectories: readonly string[];
  /** Base address of the gateway; asked when a replay starts, because the port may be chosen at listening. */
  readonly server: () => string;
  /** Throws for an agency that is outside of the scope or does not exist (`identity.narrow`). */
  readonly narrow: (scope: Scope, agency: string) => Promise<unknown>;
  /** Makes the agent that a replay sends as; rejects when the name is taken. Whether the person may was checked before. */
  readonly enrol: (agency: string, name: string) => Promise<Enrolled>;
  /** Revokes it when the replay has ended, which also frees its name. */
  readonly retire?: (agent: string) => Promise<void>;
  /** Several consoles run replays on this state. */
  readonly shared?: boolean;
  /** Carries the wish for a replay's end to the console that runs it at once. */
  readonly signals?: Pick<Signals, 'bump' | 'subscribe'>;
}

export interface Enrolled {
  readonly token: string;
  /** Of the agent, for `retire`. */
  readonly id?: string;
}

export interface Replays {
  readonly recordings: Recordings;
  /** Ends what a stopped server left running, where consoles are several once it has been silent for 30 s. Call before the first request. */
  start(): Promise<void>;
  /** Newest first, at most 200. */
  list(scope: Scope): Promise<ReplayView[]>;
  /** Starts one; answers at once. Throws RECORDING_MISSING, REPLAY_TOO_MANY, and what `narrow` throws. */
  create(by: By, request: ReplayCreate): Promise<ReplayView>;
  /** Stops one; one that has ended stays as it is. Throws REPLAY_MISSING. */
  cancel(by: By, id: string): Promise<ReplayView>;
  /** Resolves when this replay has ended, in any way. */
  ended(id: string): Promise<void>;
  /** Stops all and waits for them. */
  close(): Promise<void>;
}

const MOST_RUNNING = 8;
const LISTED = 200;

interface Running {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** Replays recordings through this server's own front door, several at once. */
export function createReplays(deps: ReplaysDeps): Replays {
  return new ReplayService(deps);
}

class ReplayService implements Replays {
  readonly recordings: Recordings;
  readonly #deps: ReplaysDeps;
  readonly #running = new Map<string, Running>();
  /** Of several consoles. */
  readonly #presence: Presence | undefined;
  #closing = false;

  constructor(deps: ReplaysDeps) {
    this.#deps = deps;
    this.recordings = new Recordings({ ...deps, directory: deps.recordingsDirectory });
    const { shared = false } = deps;
    this.#presence = shared
      ? new Presence({
          ...deps,
          running: () => [...this.#running.keys()],
          stop: (id) => this.#running.get(id)?.stop.abort(),
          abandoned: async (row) => await this.#end(row, { state: 'failed', error: STOPPED }),
        })
      : undefined;
  }

  async start(): Promise<void> {
    this.#presence?.start();
    if (this.#presence) return await this.#presence.turn();
    const left = await this.#deps.state.system<ReplayTables>().selectFrom('replays').selectAll().where('state', '=', 'running').execute();
    for (const row of left) await this.#end(row, { state: 'failed', error: STOPPED });
  }

  async list(scope: Scope): Promise<ReplayView[]> {
    const { state } = this.#deps;
    const rows = await state
      .as<ReplayTables>(scope)
      .selectFrom('replays')
      .selectAll()
      .orderBy('started_at', 'desc')
      .limit(LISTED)
      .execute();
    return rows.map(replayView);
  }

  async create(by: By, request: ReplayCreate): Promise<ReplayView> {
    const { clock, narrow } = this.#deps;
    if (this.#closing || this.#running.size >= MOST_RUNNING) throw replayError('REPLAY_TOO_MANY', { limit: MOST_RUNNING });
    await narrow(by.scope, request.agency);
    const { view, path } = await this.recordings.find(by.scope, request.recording);
    const row: ReplayRow = {
      id: randomId(),
      agency: request.agency,
      recording: view.name,
      speed: request.speed,
      shift_time: request.shiftTime === false ? 0 : 1,
      state: 'running',
      total: 0,
      sent: 0,
      started_at: clock.now(),
      ended_at: null,
      started_by: by.scope.actor.name,
      error: null,
      agent_id: null,
      alive_at: clock.now(),
      stop_asked: 0,
    };
    await this.#deps.state.transaction<ReplayTables, void>(by.scope, async (trx) => {
      await trx.insertInto('replays').values(row).execute();
      await this.#audit(trx, { by, row, action: 'replay.start' });
      await this.#change(trx, row);
    });
    this.#deps.live?.announce();
    const stop = new AbortController();
    const ended = this.#run(row, { path, signal: stop.signal }).finally(() => this.#running.delete(row.id));
    this.#running.set(row.id, { stop, ended });
    return replayView(row);
  }

  async cancel(by: By, id: string): Promise<ReplayView> {
    const find = async (): Promise<ReplayRow | undefined> =>
      await this.#deps.state.as<ReplayTables>(by.scope).selectFrom('replays').selectAll().where('id', '=', id).executeTakeFirst();
    const row = await find();
    if (row === undefined) throw replayError('REPLAY_MISSING', { id });
    const running = this.#running.get(id);
    if (running === undefined && (this.#presence === undefined || row.state !== 'running')) return replayView(row);
    await this.#deps.state.transaction<ReplayTables, void>(by.scope, async (trx) => {
      await this.#audit(trx, { by, row, action: 'replay.cancel' });
      if (running === undefined) await this.#presence?.askToStop(trx, id);
    });
    running?.stop.abort();
    await running?.ended;
    return replayView((await find()) ?? row);
  }

  async ended(id: string): Promise<void> {
    await this.#running.get(id)?.ended;
  }

  async close(): Promise<void> {
    this.#closing = true;
    for (const { stop } of this.#running.values()) stop.abort();
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
    await this.#presence?.close();
  }

  /** Never rejects: how it went is in the row. */
  async #run(row: ReplayRow, work: { path: string; signal: AbortSignal }): Promise<void> {
    const progress = new ProgressKeeper(this.#deps.clock, async (at) => await this.#save({ ...row, ...at }));
    let outcome: Outcome;
    try {
      const result = await this.#send(row, { ...work, onProgress: (at) => progress.note(at) });
      outcome = outcomeOf(result, this.#closing);
    } catch (error) {
      this.#deps.logger.warn({ err: error, replay: row.id }, 'replay failed');
      outcome = { state: 'failed', error: error instanceof Error ? error.message : String(error) };
    }
    try {
      await progress.settle();
      await this.#end({ ...row, ...progress.last }, outcome);
    } catch (error) {
      this.#deps.logger.error({ err: error, replay: row.id }, 'the end of a replay could not be stored');
    }
  }

  async #send(
    row: ReplayRow,
    { path, signal, onProgress }: { path: string; signal: AbortSignal; onProgress: (at: ReplayProgress) => void },
  ): Promise<ReplayResult> {
    const { server, clock, state } = this.#deps;
    // Event ids follow from the agent's name: unshifted, the same recording is the same set of events every time.
    const content = row.shift_time === 0 ? await fingerprint(path) : row.id;
    const { token, id: agent = null } = await this.#enrol(row.agency, [`replay-${content}`, `replay-${row.id}`]);
    row.agent_id = agent;
    await state.system<ReplayTables>().updateTable('replays').set({ agent_id: agent }).where('id', '=', row.id).execute();
    const { id, speed, shift_time } = row;
    const result = await replayFile({
      file: path,
      server: server(),
      token,
      id,
      speed,
      shiftTime: shift_time === 1,
      clock,
      signal,
      onProgress,
    });
    if (result.sent === 0 && !result.cancelled) {
      const reason = result.problems[0] ?? 'it is empty';
      throw replayError('REPLAY_NO_EVENTS', { name: row.recording, reason });
    }
    return result;
  }

  /** The first name that is free: an agent of the wanted one may still be at work for another replay. */
  async #enrol(agency: string, names: readonly string[]): Promise<Enrolled> {
    const [name = '', ...others] = names;
    try {
      return await this.#deps.enrol(agency, name);
    } catch (error) {
      if (others.length === 0) throw error;
      return await this.#enrol(agency, others);
    }
  }

  async #end(row: ReplayRow, outcome: Outcome): Promise<void> {
    if (row.agent_id !== null) {
      await this.#deps
        .retire?.(row.agent_id)
        .catch((error: unknown) => this.#deps.logger.warn({ err: error }, 'agent of a replay not retired'));
    }
    await this.#save({ ...row, state: outcome.state, error: outcome.error ?? null, ended_at: this.#deps.clock.now() });
  }

  async #save(row: ReplayRow): Promise<void> {
    const { state, sent, total, ended_at, error } = row;
    await this.#deps.state.transaction<ReplayTables, void>('system', async (trx) => {
      const change = trx.updateTable('replays').set({ state, sent, total, ended_at, error });
      const { numUpdatedRows } = await change.where('id', '=', row.id).where('state', '=', 'running').executeTakeFirst();
      // Ended once, it stays so.
      if (numUpdatedRows > 0n) await this.#change(trx, row);
    });
    this.#deps.live?.announce();
  }

  async #change(trx: Transaction<ReplayTables>, row: ReplayRow): Promise<void> {
    const at = this.#deps.clock.now();
    await this.#deps.live?.record(trx, { kind: 'replay', agency: row.agency, key: row.id, body: replayView(row), at });
  }

  async #audit(trx: Transaction<ReplayTables>, { by, row, action }: { by: By; row: ReplayRow; action: string }): Promise<void> {
    const { id, agency, recording, speed } = row;
    const entry = { scope: by.scope, action, target: id, agency, details: { recording, speed }, at: this.#deps.clock.now() };
    await recordAudit(trx, by.from === undefined ? entry : { ...entry, from: by.from });
  }
}

interface Outcome {
  readonly state: ReplayRow['state'];
  readonly error?: string;
}

const STOPPED = 'The server was stopped while this replay was running.';
function outcomeOf({ cancelled, problems }: ReplayResult, closing: boolean): Outcome {
  if (cancelled) return closing ? { state: 'failed', error: STOPPED } : { state: 'cancelled' };
  if (problems.length === 0) return { state: 'done' };
  return { state: 'done', error: `Parts of the recording could not be read (${problems.length}); the first: ${problems[0]}` };
}
