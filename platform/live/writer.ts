/** Writes changes down where no browser is connected: a process that raises alerts, or takes agents' data. */
import { Server } from 'socket.io';
import type { Transaction } from 'kysely';
import type { Logger } from '../logger/index.ts';
import type { RedisSettings } from '../redis/index.ts';
import type { Change, ChangeTables, Live } from './contract.ts';

const WAKE_MS = 25;

export interface LiveWriterOptions {
  readonly redis: RedisSettings;
  readonly logger?: Logger;
}

/** `Live` of a process without consoles: `announce()` wakes those of other nodes. */
export function createLiveWriter({ redis, logger }: LiveWriterOptions): Live {
  const io = new Server();
  const nodes = import('./nodes.ts').then((it) =>
    it.joinNodes(io, { redis, wakeMs: WAKE_MS, onNews: () => undefined, ...(logger && { logger }) }),
  );
  return {
    record: (trx, change) => recordChange(trx, change),
    announce: () => void nodes.then((others) => others.announce()),
    async close() {
      const others = await nodes;
      await io.of('/').adapter.close();
      others.close();
    },
  };
}

export async function recordChange(trx: Transaction<ChangeTables>, change: Omit<Change, 'sequence'>): Promise<void> {
  const { kind, agency, key, at } = change;
  const row: Omit<ChangeTables['changes'], 'sequence'> = { kind, agency, key, at, body: JSON.stringify(change.body ?? null) };
  await trx.insertInto('changes').values(row).execute();
}
