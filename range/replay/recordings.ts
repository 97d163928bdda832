/** The recordings one can choose from: uploads of one's agency and those below, and the library. */
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '@vong/platform/clock';
import { recordAudit, type By } from '@vong/platform/identity';
import type { Scope } from '@vong/platform/identity';
import { randomId } from '@vong/platform/ids';
import type { State } from '@vong/platform/state';
import type { RecordingView } from '../contracts.ts';
import { recogniseRecording, recordingError } from '../recordings/index.ts';
import { replayError } from './errors.ts';
import { listLibrary } from './library.ts';
import type { LibraryRecording } from './library.ts';
import type { RecordingRow, ReplayTables } from './schema.ts';

/** Bytes of one upload, and of all together. */
export const UPLOAD_BYTES = 512 * 1024 * 1024;
const STORE_BYTES = 20 * 1024 * 1024 * 1024;
const LIBRARY_CACHE_MS = 3000;
const LONGEST_NAME = 200;

export interface RecordingsDeps {
  readonly state: State;
  readonly clock: Clock;
  /** Where uploads are kept; made when missing. */
  readonly directory: string;
  readonly libraryDirectories: readonly string[];
}

export interface Upload {
  readonly name: string;
  readonly content: Readable & { truncated?: boolean };
}

export class Recordings {
  readonly #deps: RecordingsDeps;
  #library: { at: number; items: Promise<LibraryRecording[]> } | undefined;

  constructor(deps: RecordingsDeps) {
    this.#deps = deps;
  }

  async list(scope: Scope): Promise<RecordingView[]> {
    const rows = await this.#deps.state
      .as<ReplayTables>(scope)
      .selectFrom('recordings')
      .selectAll()
      .orderBy('uploaded_at', 'desc')
      .execute();
    return [...rows.map(viewOf), ...(await this.#shelf()).map(({ view }) => view)];
  }

  /** The file behind an id that the scope reaches. Throws RECORDING_MISSING. */
  async find(scope: Scope, id: string): Promise<{ view: RecordingView; path: string }> {
    const row = await this.#deps.state.as<ReplayTables>(scope).selectFrom('recordings').selectAll().where('id', '=', id).executeTakeFirst();
    if (row !== undefined) return { view: viewOf(row), path: this.#pathOf(row.id) };
    const found = (await this.#shelf()).find(({ view }) => view.id === id);
    if (found === undefined) throw recordingError('RECORDING_MISSING', { name: id });
    return found;
  }

  /** Stores an upload of the person's own agency under a name of ours; its own name is only shown. */
  async add({ scope, from }: By, upload: Upload): Promise<RecordingView> {
    const name = shownName(upload.name);
    const id = randomId();
    const part = join(this.#deps.directory, `${id}.part`);
    try {
      await this.#checkRoom();
      const bytes = await this.#receive(upload, part);
      const kind = await recogniseRecording(part);
      if (bytes === 0 || kind === undefined) throw recordingError('RECORDING_EMPTY');
      const row: RecordingRow = {
        id,
        agency: scope.agency,
        name,
        kind,
        bytes,
        uploaded_at: this.#deps.clock.now(),
        uploaded_by: scope.actor.name,
      };
      await rename(part, this.#pathOf(id));
      await this.#deps.state.transaction<ReplayTables, void>(scope, async (trx) => {
        await trx.insertInto('recordings').values(row).execute();
        const audit = {
          scope,
          action: 'recording.upload',
          target: id,
          agency: row.agency,
          details: { name, kind, bytes },
          at: row.uploaded_at,
        };
        await recordAudit(trx, from === undefined ? audit : { ...audit, from });
      });
      return viewOf(row);
    } catch (error) {
      upload.content.resume();
      await Promise.all([rm(part, { force: true }), rm(this.#pathOf(id), { force: true })]);
      throw error;
    }
  }

  async #receive({ content }: Upload, part: string): Promise<number> {
    try {
      await mkdir(this.#deps.directory, { recursive: true, mode: 0o700 });
      await pipeline(content, createWriteStream(part, { mode: 0o600, flags: 'wx' }));
    } catch (error) {
      throw replayError('RECORDING_NOT_STORED', { reason: error instanceof Error ? error.message : 'unknown' }, error);
    }
    if (content.truncated === true) throw recordingError('RECORDING_TOO_LARGE', { limit: UPLOAD_BYTES });
    return (await stat(part)).size;
  }

  async #checkRoom(): Promise<void> {
    const { state } = this.#deps;
    const found = await state
      .system<ReplayTables>()
      .selectFrom('recordings')
      .select((each) => each.fn.sum<number>('bytes').as('bytes'))
      .executeTakeFirst();
    if ((found?.bytes ?? 0) + UPLOAD_BYTES > STORE_BYTES) throw replayError('RECORDING_STORE_FULL', { limit: STORE_BYTES });
  }

  #pathOf(id: string): string {
    return join(this.#deps.directory, `${id}.recording`);
  }

  async #shelf(): Promise<LibraryRecording[]> {
    const now = this.#deps.clock.now();
    if (this.#library === undefined || now - this.#library.at > LIBRARY_CACHE_MS) {
      this.#library = { at: now, items: listLibrary(this.#deps.libraryDirectories) };
    }
    return await this.#library.items;
  }
}

function viewOf({ id, name, kind, bytes, uploaded_at }: RecordingRow): RecordingView {
  return { id, name, kind, bytes, origin: 'upload', uploadedAt: uploaded_at };
}

/** The last part of what the browser sent, without control characters. */
function shownName(sent: string): string {
  const name = basename(sent.replaceAll('\\', '/'))
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
    .trim();
  if (name === '' || name === '.' || name === '..') throw recordingError('RECORDING_NAME', { name: sent.slice(0, LONGEST_NAME) });
  return name.slice(0, LONGEST_NAME);
}
