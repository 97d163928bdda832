/**
 * Replays of several consoles on one state. Who runs a replay says so every few seconds; any other may ask for its end, and ends
 * what a dead one left running.
 */
import type { Clock } from '@vong/platform/clock';
import type { Signals } from '@vong/platform/live';
import type { Logger } from '@vong/platform/logger';
import { every } from '@vong/platform/process';
import type { State } from '@vong/platform/state';
import type { Transaction } from 'kysely';
import type { ReplayRow, ReplayTables } from './schema.ts';

const TURN_MS = 3_000;
/** Who runs a replay and says nothing for so long is dead. */
const DEAD_MS = 30_000;
const REPLAYS_SIGNAL = 'replays';

export interface PresenceDeps {
  readonly state: State;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error'>;
  readonly signals?: Pick<Signals, 'bump' | 'subscribe'>;
  /** Ids of the replays that run here. */
  readonly running: () => readonly string[];
  readonly stop: (id: string) => void;
  /** Its console is dead. */
  readonly abandoned: (row: ReplayRow) => Promise<void>;
}

export class Presence {
  readonly #deps: PresenceDeps;
  #end: (() => Promise<void>) | undefined;

  constructor(deps: PresenceDeps) {
    this.#deps = deps;
  }

  start(): void {
    const deaf = this.#deps.signals?.subscribe(REPLAYS_SIGNAL, async () => await this.#hear());
    const stop = every(TURN_MS, async () => await this.turn(), this.#deps.logger);
    this.#end = async () => {
      deaf?.();
      await stop();
    };
  }

  async close(): Promise<void> {
    await this.#end?.();
  }

  /** In the caller's transaction: whoever runs it stops it soon after the commit. */
  async askToStop(trx: Transaction<ReplayTables>, id: string): Promise<void> {
    await trx.updateTable('replays').set({ stop_asked: 1 }).where('id', '=', id).execute();
    await this.#deps.signals?.bump(trx, REPLAYS_SIGNAL);
  }

  /** Says what runs here, hears what is to stop, ends what nobody runs any more. */
  async turn(): Promise<void> {
    const { state, clock, running, abandoned } = this.#deps;
    const now = clock.now();
    const own = running();
    if (own.length > 0)
      await state.transaction<ReplayTables, void>('system', async (trx) => {
        await trx.updateTable('replays').set({ alive_at: now }).where('id', 'in', own).execute();
      });
    await this.#hear();
    const dead = await state
      .system<ReplayTables>()
      .selectFrom('replays')
      .selectAll()
      .where('state', '=', 'running')
      .where('alive_at', '<', now - DEAD_MS)
      .execute();
    for (const row of dead) await abandoned(row);
  }

  async #hear(): Promise<void> {
    const { state, running, stop } = this.#deps;
    const own = running();
    if (own.length === 0) return;
    const asked = await state
      .system<ReplayTables>()
      .selectFrom('replays')
      .select('id')
      .where('id', 'in', own)
      // Also what others took for dead while this process stood still.
      .where((where) => where.or([where('stop_asked', '=', 1), where('state', '!=', 'running')]))
      .execute();
    for (const { id } of asked) stop(id);
  }
}
