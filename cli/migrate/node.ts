/** The embedded node that is moved: its files, whether it runs, and its parts once it has stopped. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { createIndexer } from '@vong/engine/indexer';
import { systemClock as clock } from '@vong/platform/clock';
import { loadConfig } from '@vong/platform/config';
import { hasCode } from '@vong/platform/errors';
import { connectLog, lockDataDirectory, type DirectoryLock, type Log } from '@vong/platform/log';
import { createLogger } from '@vong/platform/logger';
import { moveError } from '@vong/platform/move';
import { openStateFile, type StateFile } from '@vong/platform/state';
import { logSourceOf, openEventsOf, type FedEventStore } from '../../roles/parts.ts';
import { connect, type Client } from '../client.ts';
import { CommandFailure, EXIT } from '../exit.ts';
import { knownMigrations } from '../doctor/migrations.ts';
import { migrationsOf } from './tables.ts';

/** What an embedded node's own settings say of a directory; nothing of this process's environment. */
function configOf(directory: string) {
  return loadConfig({ VONG_DATA: directory });
}

/** @throws MOVE_SOURCE */
export function checkNode(given: string): string {
  const directory = resolve(given);
  for (const name of ['state.db', 'log.db', 'events'])
    if (!existsSync(join(directory, name))) throw moveError('MOVE_SOURCE', { directory, reason: `${name} is missing` });
  return directory;
}

/** The state at this moment. @throws MOVE_SOURCE when another version of this program made it */
export function readState(directory: string): StateFile {
  const file = openStateFile(join(directory, 'state.db'));
  const ran = new Set(migrationsOf(file));
  const known = new Set(knownMigrations());
  const other = [...[...known].filter((name) => !ran.has(name)), ...[...ran].filter((name) => !known.has(name))];
  if (other.length === 0) return file;
  file.close();
  const reason = `its state is of another version (${other.slice(0, 3).join(', ')}); start it once with this version, then move it`;
  throw moveError('MOVE_SOURCE', { directory, reason });
}

/** The directory's lock; undefined while a node runs on it. */
export function lockIfStopped(directory: string): DirectoryLock | undefined {
  try {
    return lockDataDirectory(directory, { moved: true });
  } catch (error) {
    if (hasCode(error, 'DATA_DIR_LOCKED')) return undefined;
    throw error;
  }
}

/** The running node's API, with the key it left for this machine's command line. */
export async function runningNode(directory: string): Promise<Client> {
  let found: { url: string; token: string };
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the node (cli/operator.ts)
    found = JSON.parse(readFileSync(join(directory, 'operator.json'), 'utf8')) as typeof found;
  } catch (error) {
    const text = `The key of the node in ${directory} (operator.json) cannot be read. Run this as the user that runs the node, or stop the node first.`;
    throw new CommandFailure(EXIT.unreachable, text, { cause: error });
  }
  return await connect({ url: found.url, token: found.token });
}

export interface StoppedNode {
  readonly log: Log;
  readonly logPath: string;
  readonly events: FedEventStore;
  readonly state: StateFile;
  close(): Promise<void>;
}

/** Opens the parts of a node that does not run (the caller holds its lock). What its log has is made searchable first. */
export async function openStopped(directory: string): Promise<StoppedNode> {
  const config = configOf(directory);
  const source = logSourceOf(config);
  // After a kill -9 the files are set right by whoever opens them to write.
  new DatabaseSync(join(directory, 'state.db')).exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const state = readState(directory);
  const log = await connectLog(source, { clock });
  const events = await openEventsOf(config, { logger: createLogger('vong', 'silent') });
  const indexer = createIndexer({ log: source, events });
  await indexer.start();
  while ((await indexer.lag()) > 0) await sleep(50);
  await indexer.stop();
  return {
    log,
    logPath: join(directory, 'log.db'),
    events,
    state,
    close: async () => {
      state.close();
      await events.close();
      await log.close();
    },
  };
}

/** What lies in the directory beside what is moved, and what to do with it. */
export function remains(directory: string): string[] {
  const files = (name: string): string[] =>
    existsSync(join(directory, name))
      ? readdirSync(join(directory, name)).filter((each) => statSync(join(directory, name, each)).isFile())
      : [];
  const notes: string[] = [];
  const recordings = files('recordings').length;
  if (recordings > 0)
    notes.push(
      `${recordings} recordings lie in ${join(directory, 'recordings')}: copy that folder into the data directory of each console.`,
    );
  if (existsSync(join(directory, 'agent')))
    notes.push(
      `The node's own agent keeps what it has not handed in yet in ${join(directory, 'agent')}: go on with ./vong agent --data ${join(directory, 'agent')} --server <address of a gateway> and its sources.`,
    );
  return notes;
}
