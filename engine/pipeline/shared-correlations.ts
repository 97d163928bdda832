/**
 * What correlations hold, for consoles that run in other processes than the alerters: every alerter leaves its figures in the state
 * every few seconds. Each counts the partitions it reads, so all of them together is the sum.
 */
import type { Kysely } from 'kysely';
import type { CorrelatorStats } from 'sigma-rules-ts';
import type { Clock } from '@vong/platform/clock';
import { randomId } from '@vong/platform/ids';
import type { Logger } from '@vong/platform/logger';
import { every } from '@vong/platform/process';
import type { State, StateModule } from '@vong/platform/state';

export interface CorrelationReportTables {
  correlation_reports: { alerter: string; at: number; body: string };
}

const REPORT_MS = 3_000;
/** An alerter that says nothing for so long is gone; who took its partitions says what they hold. */
const STALE_MS = 15_000;

export const correlationReportsModule: StateModule = {
  name: 'correlation-reports',
  scoped: [],
  migrations: {
    '2026-11-22-correlation-reports-01': {
      async up(db: Kysely<CorrelationReportTables>): Promise<void> {
        await db.schema
          .createTable('correlation_reports')
          .addColumn('alerter', 'text', (column) => column.primaryKey())
          .addColumn('at', 'bigint', (column) => column.notNull())
          .addColumn('body', 'text', (column) => column.notNull())
          .execute();
      },
    },
  },
};

export interface CorrelationReportsDeps {
  readonly state: State;
  readonly clock: Clock;
}

export class CorrelationReporter {
  readonly #deps: CorrelationReportsDeps;
  readonly #figures: () => readonly CorrelatorStats[];
  /** Of this process alone, whatever it is called. */
  readonly #alerter = randomId();

  constructor(deps: CorrelationReportsDeps, figures: () => readonly CorrelatorStats[]) {
    this.#deps = deps;
    this.#figures = figures;
  }

  /** Returns how to stop; then nothing is left of this alerter. */
  start(logger: Pick<Logger, 'error'>): () => Promise<void> {
    const stop = every(REPORT_MS, async () => await this.report(), logger);
    return async () => {
      await stop();
      await this.leave();
    };
  }

  async report(): Promise<void> {
    const { state, clock } = this.#deps;
    const at = clock.now();
    const body = JSON.stringify(this.#figures());
    await state.transaction<CorrelationReportTables, void>('system', async (trx) => {
      await trx
        .insertInto('correlation_reports')
        .values({ alerter: this.#alerter, at, body })
        .onConflict((conflict) => conflict.column('alerter').doUpdateSet({ at, body }))
        .execute();
      await trx
        .deleteFrom('correlation_reports')
        .where('at', '<', at - STALE_MS)
        .execute();
    });
  }

  async leave(): Promise<void> {
    const { state } = this.#deps;
    await state.transaction<CorrelationReportTables, void>('system', async (trx) => {
      await trx.deleteFrom('correlation_reports').where('alerter', '=', this.#alerter).execute();
    });
  }
}

/** What all alerters hold together, by correlation; at most a few seconds old. */
export async function reportedCorrelations({ state, clock }: CorrelationReportsDeps): Promise<CorrelatorStats[]> {
  const rows = await state
    .system<CorrelationReportTables>()
    .selectFrom('correlation_reports')
    .select('body')
    .where('at', '>=', clock.now() - STALE_MS)
    .execute();
  const sums = new Map<string, CorrelatorStats>();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written above
  for (const each of rows.flatMap(({ body }) => JSON.parse(body) as CorrelatorStats[])) {
    const before = sums.get(each.correlation);
    sums.set(each.correlation, before === undefined ? each : sum(before, each));
  }
  return [...sums.values()];
}

function sum(a: CorrelatorStats, b: CorrelatorStats): CorrelatorStats {
  return {
    correlation: a.correlation,
    groups: a.groups + b.groups,
    events: a.events + b.events,
    late: a.late + b.late,
    withoutGroup: a.withoutGroup + b.withoutGroup,
    withoutValue: a.withoutValue + b.withoutValue,
    evictedGroups: a.evictedGroups + b.evictedGroups,
    evictedEvents: a.evictedEvents + b.evictedEvents,
    matches: a.matches + b.matches,
  };
}
