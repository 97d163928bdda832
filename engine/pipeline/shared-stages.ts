/**
 * Delays that other processes measured: detectors and indexers see stages that the console shows. Every process leaves what it
 * recorded in the state every few seconds; consoles take in what the others left. Five minutes of percentiles, so a report that is
 * lost with its process costs nothing that lasts.
 */
import { sql, type Generated, type Kysely } from 'kysely';
import type { Clock } from '@vong/platform/clock';
import type { Logger } from '@vong/platform/logger';
import type { StageDelta, StageLatencies } from '@vong/platform/metrics';
import { every } from '@vong/platform/process';
import type { State, StateModule } from '@vong/platform/state';

export interface StageTables {
  stage_reports: { sequence: Generated<number>; instance: string; at: number; body: string };
}

const REPORT_MS = 2000;
/** Longer than a console that was away for a moment needs; shorter than what percentiles look back. */
const KEEP_MS = 60_000;

export const stagesModule: StateModule = {
  name: 'stages',
  scoped: [],
  migrations: {
    '2026-11-22-stages-01': {
      async up(db: Kysely<StageTables>): Promise<void> {
        await db.schema
          .createTable('stage_reports')
          .addColumn('sequence', 'integer', (column) => column.primaryKey().autoIncrement())
          .addColumn('instance', 'text', (column) => column.notNull())
          .addColumn('at', 'bigint', (column) => column.notNull())
          .addColumn('body', 'text', (column) => column.notNull())
          .execute();
      },
    },
  },
};

export interface SharedStagesOptions {
  readonly state: State;
  readonly clock: Clock;
  readonly stages: StageLatencies;
  readonly instance: string;
  /** Whether what the others measured is shown here. */
  readonly shows: boolean;
}

export class SharedStages {
  readonly #options: SharedStagesOptions;
  #seen: number | undefined;

  constructor(options: SharedStagesOptions) {
    this.#options = options;
  }

  /** Returns how to stop. */
  start(logger: Pick<Logger, 'error'>): () => void | Promise<void> {
    return every(REPORT_MS, async () => await this.exchange(), logger);
  }

  async exchange(): Promise<void> {
    const { stages, shows } = this.#options;
    const delta = stages.takeDelta();
    if (delta.length > 0) await this.#leave(delta);
    if (shows) await this.#take();
  }

  async #leave(delta: StageDelta): Promise<void> {
    const { state, clock, instance } = this.#options;
    const at = clock.now();
    await state.transaction<StageTables, void>('system', async (trx) => {
      await trx
        .insertInto('stage_reports')
        .values({ instance, at, body: JSON.stringify(delta) })
        .execute();
      await trx
        .deleteFrom('stage_reports')
        .where('at', '<', at - KEEP_MS)
        .execute();
    });
  }

  async #take(): Promise<void> {
    const { state, stages, instance } = this.#options;
    const db = state.system<StageTables>();
    if (this.#seen === undefined) {
      const { last } = await db
        .selectFrom('stage_reports')
        .select(sql<number>`coalesce(max(sequence), 0)`.as('last'))
        .executeTakeFirstOrThrow();
      this.#seen = last;
      return;
    }
    const rows = await db.selectFrom('stage_reports').selectAll().where('sequence', '>', this.#seen).orderBy('sequence').execute();
    for (const row of rows) {
      this.#seen = row.sequence;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written above
      if (row.instance !== instance) stages.merge(JSON.parse(row.body) as StageDelta);
    }
  }
}
