/** The state on PostgreSQL: checked, migrated, opened. */
import { Kysely } from 'kysely';
import { WriterQueue } from '../database.ts';
import { Bodies, handlesOf } from '../handles.ts';
import { migrate } from '../migrate.ts';
import type { State } from '../contract.ts';
import type { PostgresStateOptions } from '../open.ts';
import { inArray } from '../scope-nodes.ts';
import { placeOf } from './address.ts';
import { postgresDialect, type PostgresDriverOptions } from './dialect.ts';
import { PATIENT_TIMES, Pools, TIMES, type Times } from './pools.ts';
import { checkServer } from './server.ts';

const READERS = 10;
const CLOSE_MS = 10_000;

/** As `openState`; `times` for tests. */
export async function openPostgres(options: PostgresStateOptions, times: Times = TIMES): Promise<State> {
  const { postgres, modules, clock, logger } = options;
  const place = placeOf(postgres);
  const bodies = new Bodies();
  const queue = new WriterQueue();
  let closed = false;
  const shared = { address: place.address, queue, inTransaction: () => bodies.inside, isClosed: () => closed };
  const poolsWith = (readers: number, how: Times): Pools => new Pools({ place, readers, times: how, logger });
  const driver = (pools: Pools, refuseRaw: boolean): PostgresDriverOptions => ({ ...shared, pools, refuseRaw });

  const patient = poolsWith(1, PATIENT_TIMES);
  try {
    await checkServer(patient, place.address, logger);
    await migrate(new Kysely<unknown>({ dialect: postgresDialect(driver(patient, false)) }), modules, clock);
  } finally {
    await patient.close();
  }

  const pools = poolsWith(postgres.poolSize ?? READERS, times);
  return {
    ...handlesOf({ dialect: (refuseRaw) => postgresDialect(driver(pools, refuseRaw)), modules, bodies, membership: inArray }),
    close: async () => {
      if (closed) return;
      // Who is at work may end, but not hold up the end for ever.
      const done = await Promise.race([queue.take(), later(CLOSE_MS)]);
      closed = true;
      done();
      await pools.close();
    },
  };
}

async function later(ms: number): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<() => void>();
  setTimeout(() => resolve(() => undefined), ms).unref();
  return promise;
}
