/**
 * The topic `alerts`: each alert as it stands, by id, for whoever wants to follow alerts outside the console; compacted, so that it
 * holds the latest of each. Fed from the state's changes: an alert that is stored gets there, also after a crash, and one that is
 * sent again is the same.
 */
import type { Kysely } from 'kysely';
import type { Jobs } from '@vong/platform/jobs';
import type { ChangeTables } from '@vong/platform/live';
import type { Log } from '@vong/platform/log';
import type { State, StateModule } from '@vong/platform/state';

interface Tables extends ChangeTables {
  /** The last change that is in the topic. */
  alert_topic: { id: number; sequence: number };
}

const EVERY_MS = 1000;
const PAGE = 500;

export const alertTopicModule: StateModule = {
  name: 'alert-topic',
  scoped: [],
  migrations: {
    '2026-11-22-alert-topic-01': {
      async up(db: Kysely<Tables>): Promise<void> {
        await db.schema
          .createTable('alert_topic')
          .addColumn('id', 'integer', (column) => column.primaryKey())
          .addColumn('sequence', 'bigint', (column) => column.notNull())
          .execute();
      },
    },
  },
};

/** Names the handler and plans it; before `jobs.start()`. A job runs on one process at a time, so that no older state follows a newer. */
export async function followAlerts(options: { readonly jobs: Jobs; readonly log: Log; readonly state: State }): Promise<void> {
  options.jobs.handle('alerts.topic', async (_job, signal) => {
    while (!signal.aborted && (await publishAlerts(options)) === PAGE);
  });
  await options.jobs.add({ kind: 'alerts.topic', key: 'alerts', everyMs: EVERY_MS });
}

/** Appends the next changes of alerts; how many changes it looked at. */
export async function publishAlerts({ log, state }: { readonly log: Pick<Log, 'append'>; readonly state: State }): Promise<number> {
  const db = state.system<Tables>();
  const place = await db.selectFrom('alert_topic').select('sequence').where('id', '=', 1).executeTakeFirst();
  const changes = await db
    .selectFrom('changes')
    .select(['sequence', 'kind', 'key', 'body'])
    .where('sequence', '>', place?.sequence ?? 0)
    .orderBy('sequence')
    .limit(PAGE)
    .execute();
  const last = changes.at(-1);
  if (last === undefined) return 0;
  const records = changes.filter(({ kind }) => kind === 'alert').map(({ key, body }) => ({ key, value: Buffer.from(body) }));
  if (records.length > 0) await log.append({ batches: [{ topic: 'alerts', records }] });
  const { sequence } = last;
  await state.transaction<Tables, void>('system', async (trx) => {
    await trx
      .insertInto('alert_topic')
      .values({ id: 1, sequence })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ sequence }))
      .execute();
  });
  return changes.length;
}
