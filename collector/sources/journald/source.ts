/** Follows the systemd journal through `journalctl -o json -f`, whose output is the interface systemd keeps stable. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { access } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { isoTime } from '@vong/platform/clock';
import { stableId } from '@vong/platform/ids';
import type { RawRecord } from '../../contracts.ts';
import { BATCH_LIMITS, type Source, type SourceBatch, type SourceContext, type SourceState } from '../contract.ts';
import { LineStream, type Cut } from '../line-stream.ts';

export interface JournaldSourceOptions {
  /** Default: `journalctl` on the search path. */
  readonly command?: string;
  /** How far back the first start reads, as journalctl's `--since` takes it; default a day. */
  readonly since?: string;
  /** Milliseconds before the first try again after the child ended; doubles up to a minute. */
  readonly firstRetry?: number;
}

const KEY = 'cursor';
const LONGEST_RETRY_MS = 60_000;
/** A child that lived so long had a good start: the next failure begins with the short wait again. */
const GOOD_START_MS = 60_000;
const CURSOR = /"__CURSOR"\s*:\s*"([^"\\]{1,1000})"/;
const NAME = 'journald';

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** True when systemd's journal runs on this machine. */
export async function journaldRuns(): Promise<boolean> {
  return access('/run/systemd/journal/socket').then(
    () => true,
    () => false,
  );
}

/** Records: `source: 'journald'`, `raw` = the journal's JSON line; the position is the journal's own cursor. */
export function createJournaldSource(options: JournaldSourceOptions, context: SourceContext): Source {
  return new JournaldSource(options, context);
}

class JournaldSource implements Source {
  readonly kind = 'journald';
  readonly #options: JournaldSourceOptions;
  readonly #context: SourceContext;
  readonly #stopping = new AbortController();
  #child: Child | undefined;
  #error: string | undefined;
  #cursor: string | undefined;

  constructor(options: JournaldSourceOptions, context: SourceContext) {
    this.#options = options;
    this.#context = context;
  }

  async *start(positions: ReadonlyMap<string, string>): AsyncGenerator<SourceBatch> {
    this.#cursor = positions.get(KEY);
    const first = this.#options.firstRetry ?? 1000;
    let wait = first;
    while (!this.#stopping.signal.aborted) {
      const started = this.#context.clock.now();
      yield* this.#follow();
      if (this.#context.clock.now() - started > GOOD_START_MS) wait = first;
      await delay(wait, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      wait = Math.min(LONGEST_RETRY_MS, wait * 2);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#child?.kill();
    await Promise.resolve();
  }

  behind(): undefined {
    return undefined;
  }

  states(): readonly SourceState[] {
    return [{ name: NAME, ...(this.#error === undefined ? {} : { error: this.#error }) }];
  }

  /** One life of the child. */
  async *#follow(): AsyncGenerator<SourceBatch> {
    const from = this.#cursor === undefined ? [`--since=${this.#options.since ?? '-24h'}`] : [`--after-cursor=${this.#cursor}`];
    const command = this.#options.command ?? 'journalctl';
    const child = spawn(command, ['--output=json', '--follow', '--no-tail', '--all', '--quiet', ...from], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const ended = this.#watchEnd(child, command);
    const lines = new LineStream(BATCH_LIMITS.records);
    try {
      for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
        this.#error = undefined;
        for (const cut of lines.push(chunk)) yield this.#batch(cut);
      }
    } finally {
      child.kill();
      this.#error = await ended;
      this.#child = undefined;
    }
  }

  /** Resolves with the reason once the child is gone. */
  async #watchEnd(child: Child, command: string): Promise<string | undefined> {
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(-500)));
    return new Promise((resolve) => {
      child.on('error', (error: NodeJS.ErrnoException) => {
        resolve(error.code === 'ENOENT' ? `${command} is not installed on this machine` : error.message);
      });
      child.on('close', (code, signal) => resolve(`${command} ended (${signal ?? code}); starting it again. ${said}`.trim()));
    });
  }

  #batch(cut: Cut): SourceBatch {
    const collected = isoTime(this.#context.clock.now());
    const records: RawRecord[] = [];
    for (const line of cut.lines) {
      const raw = cut.data.toString('utf8', line.start, line.end);
      const cursor = CURSOR.exec(raw)?.[1] ?? (line.part === undefined ? undefined : this.#cursor);
      const part = line.part === undefined ? '' : String(line.part);
      // A line without a cursor is no journal entry (a message of journalctl itself).
      if (cursor === undefined) continue;
      this.#cursor = cursor;
      records.push({
        id: `journald.${stableId(cursor, part)}`,
        source: this.kind,
        path: NAME,
        format: 'journald',
        collected,
        host: this.#context.host,
        raw,
        ...(part === '' ? {} : { labels: { line_part: String(Number(part) + 1) } }),
      });
    }
    return { name: NAME, records, positions: this.#cursor === undefined ? new Map() : new Map([[KEY, this.#cursor]]) };
  }
}
