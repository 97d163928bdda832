/** The cluster that a node is moved into. */
import { DETECTOR_GROUP } from '@vong/engine/detector';
import { ALERTER_GROUP } from '@vong/engine/alerter';
import { INDEXER_GROUP } from '@vong/engine/indexer';
import { systemClock as clock } from '@vong/platform/clock';
import type { Config } from '@vong/platform/config';
import type { EventStore } from '@vong/platform/events';
import { ROOT_AGENCY } from '@vong/platform/identity';
import { connectLog, type Log } from '@vong/platform/log';
import { createLogger } from '@vong/platform/logger';
import { moveError, type MoveRow, type MoveTables } from '@vong/platform/move';
import { StateTables, type State } from '@vong/platform/state';
import { MODULES } from '../../roles/modules.ts';
import { logSourceOf, openEventsOf, openStateOf } from '../../roles/parts.ts';

export interface Target {
  /** For people: without secrets. */
  readonly name: string;
  readonly state: State;
  readonly tables: StateTables;
  readonly events: EventStore;
  readonly log: Log;
  close(): Promise<void>;
}

const CONSUMED = [
  ['events', DETECTOR_GROUP],
  ['events', INDEXER_GROUP],
  ['signals', ALERTER_GROUP],
  ['dead-letters', undefined],
] as const;

export async function openTarget(config: Config): Promise<Target> {
  const logger = createLogger('vong', 'silent');
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const part of opened.splice(0).toReversed()) await part.close();
  };
  const keep = <Part extends { close(): Promise<void> }>(part: Part): Part => {
    opened.push(part);
    return part;
  };
  try {
    const state = keep(await openStateOf(config, MODULES, logger));
    const log = keep(await connectLog(logSourceOf(config), { clock }));
    const events = keep(await openEventsOf(config, { logger }));
    const { host, pathname } = new URL(config.postgres?.url ?? 'postgres://none');
    return { name: `postgres://${host}${pathname}`, state, log, events, tables: new StateTables(state), close };
  } catch (error) {
    await close();
    throw error;
  }
}

export async function moveIn({ state }: Target): Promise<MoveRow | undefined> {
  return await state.system<MoveTables>().selectFrom('moves').selectAll().executeTakeFirst();
}

export async function noteMove({ state }: Target, row: MoveRow): Promise<void> {
  await state.transaction<MoveTables, void>('system', async (trx) => {
    const { id: _id, ...others } = row;
    await trx
      .insertInto('moves')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(others))
      .execute();
  });
}

/** @throws MOVE_NOT_EMPTY that names what is there */
export async function refuseUnlessEmpty(target: Target, tables: readonly string[]): Promise<void> {
  const found: string[] = [];
  for (const table of tables) {
    // The root of the tree is made with the table.
    const rows = (await target.tables.count(table)) - (table === 'agencies' && (await onlyRoot(target.state)) ? 1 : 0);
    if (rows > 0) found.push(`${rows} rows in ${table}`);
  }
  const { events } = await target.events.stats();
  if (events > 0) found.push(`${events} events`);
  if ((await target.events.indexedUpTo()).size > 0) found.push('places of an indexer in Elasticsearch');
  for (const [topic, group] of CONSUMED) {
    const committed = group === undefined ? new Map<number, number>() : await target.log.committed(group, topic);
    for (const { partition, startOffset, endOffset } of await target.log.partitions(topic)) {
      if (endOffset > startOffset) found.push(`${endOffset - startOffset} records in ${topic}/${partition}`);
      if ((committed.get(partition) ?? 0) > endOffset)
        found.push(`an offset of the group ${group ?? ''} beyond the end of ${topic}/${partition}`);
    }
  }
  const named = found.length > 8 ? [...found.slice(0, 8), `and ${found.length - 8} more`] : found;
  if (named.length > 0) throw moveError('MOVE_NOT_EMPTY', { found: named.join(', ') });
}

async function onlyRoot(state: State): Promise<boolean> {
  const rows = await state.system<{ agencies: { agency: string } }>().selectFrom('agencies').select('agency').limit(2).execute();
  return rows.length === 1 && rows[0]?.agency === ROOT_AGENCY;
}
