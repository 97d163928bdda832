/** Puts sources, spool and shipper together. */
import { hash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isoTime, systemClock, type Clock } from '@vong/platform/clock';
import { createLogger, type Logger } from '@vong/platform/logger';
import { lockDataDirectory, type DirectoryLock } from '@vong/platform/log';
import manifest from '../package.json' with { type: 'json' };
import type { AgentStatus } from '../contracts.ts';
import type { Source } from '../sources/contract.ts';
import { Batcher } from './batcher.ts';
import { agentError } from './errors.ts';
import { createSources, type SourceOptions } from './sources.ts';
import { RETRY_TIMINGS, Shipper, type Connection, type RetryTimings } from './shipper.ts';
import { Spool } from './spool.ts';
import { createTransport, type TlsFiles } from './transport.ts';

export interface AgentOptions {
  /** Address of the gateway, `http://` or `https://`. */
  readonly server: string;
  /** The agent's token. */
  readonly token: string;
  /** Folder of the spool and the positions; made when missing; one agent at a time. */
  readonly data: string;
  readonly sources: SourceOptions;
  /** Bytes of batches kept while the gateway cannot be reached; default 2 GB. When reached, reading pauses. */
  readonly spoolLimit?: number;
  /** Bytes of disk the spool leaves free; default 64 MB. */
  readonly minFree?: number;
  readonly tls?: TlsFiles;
  /** Name of this machine in the records; default: its host name. */
  readonly host?: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Milliseconds a record waits for others in a batch at most; default 200. */
  readonly flushAfter?: number;
  readonly retry?: Partial<RetryTimings>;
}

export interface AgentReport extends AgentStatus {
  readonly connection: Connection;
}

export interface Agent {
  /** Stops reading, stores what was read, waits ≤ 3 s for the answer under way. What is not sent stays in the spool. */
  stop(): Promise<void>;
  /** Counters since the agent's first start, the spool, the sources, and how the connection is. */
  status(): AgentReport;
  /** Resolves when every source has ended for good (standard input did) and everything is acknowledged or rejected. */
  readonly finished: Promise<void>;
}

export const DEFAULT_SPOOL_LIMIT = 2 * 1024 ** 3;
const DEFAULT_MIN_FREE = 64 * 1024 * 1024;
const STOP_GRACE_MS = 3000;
/** Sources are shown up to this many; the contract's limit. */
const SHOWN_SOURCES = 500;

/** Starts an agent. Throws AGENT_* or DATA_DIR_* when it cannot; later troubles show in `status()` and are tried again. */
export function startAgent(options: AgentOptions): Agent {
  if (options.token.trim() === '') throw agentError('AGENT_BAD_OPTIONS', { reason: 'the token is empty' });
  const transport = createTransport({
    server: options.server,
    timeout: 60_000,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
  });
  mkdirSync(options.data, { recursive: true, mode: 0o700 });
  const lock = lockDataDirectory(options.data);
  try {
    const limits = { limit: options.spoolLimit ?? DEFAULT_SPOOL_LIMIT, minFree: options.minFree ?? DEFAULT_MIN_FREE };
    const spool = new Spool({ path: join(options.data, 'spool.db'), ...limits });
    return new RunningAgent(options, { spool, transport, lock });
  } catch (error) {
    lock.release();
    throw error;
  }
}

interface Parts {
  readonly spool: Spool;
  readonly transport: ReturnType<typeof createTransport>;
  readonly lock: DirectoryLock;
}

class RunningAgent implements Agent {
  readonly finished: Promise<void>;
  readonly #options: AgentOptions;
  readonly #parts: Parts;
  readonly #logger: Logger;
  readonly #host: string;
  readonly #started: string;
  readonly #sources: readonly Source[];
  readonly #batcher: Batcher;
  readonly #shipper: Shipper;
  readonly #failures = new Map<string, string>();
  readonly #reading: Promise<void>;
  #drained = Promise.withResolvers<void>();
  #ended = false;
  #stopping: Promise<void> | undefined;

  constructor(options: AgentOptions, parts: Parts) {
    const clock = options.clock ?? systemClock;
    this.#options = options;
    this.#parts = parts;
    this.#logger = options.logger ?? createLogger('agent');
    this.#host = options.host ?? hostname();
    this.#started = isoTime(clock.now());
    this.#sources = createSources(options.sources, { clock, host: this.#host });
    this.#takeOwnership();
    const { spool, transport } = parts;
    const logger = this.#logger;
    this.#shipper = new Shipper({
      spool,
      transport,
      token: options.token.trim(),
      clock,
      logger,
      timings: { ...RETRY_TIMINGS, ...options.retry },
      status: () => this.#contractStatus(),
      settled: () => this.#noteDrained(),
    });
    this.#batcher = new Batcher({
      spool,
      maxRecords: 5000,
      maxBytes: 2 * 1024 * 1024,
      maxWait: options.flushAfter ?? 200,
      stored: () => this.#shipper.wake(),
      failed: (error) => logger.error({ err: error }, 'the spool could not be written; trying again'),
    });
    this.finished = this.#drained.promise;
    this.#shipper.start();
    this.#reading = this.#readAll();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  status(): AgentReport {
    return { ...this.#contractStatus(), connection: this.#shipper.connection };
  }

  /** Numbers belong to one account: with another token they are agreed anew. */
  #takeOwnership(): void {
    const { spool } = this.#parts;
    const owner = hash('sha256', this.#options.token.trim(), 'base64url');
    if (spool.owner === owner) return;
    if (spool.owner !== '') spool.forgetAgreement();
    spool.owner = owner;
  }

  async #readAll(): Promise<void> {
    await Promise.all(this.#sources.map((source) => this.#readSource(source)));
    await this.#batcher.flush();
    this.#ended = true;
    this.#noteDrained();
  }

  async #readSource(source: Source): Promise<void> {
    try {
      for await (const batch of source.start(this.#parts.spool.positions(source.kind))) await this.#batcher.add(source.kind, batch);
    } catch (error) {
      // A bug in a source: the others go on, and this one shows it.
      this.#logger.error({ err: error, source: source.kind }, 'a source failed');
      this.#failures.set(source.kind, error instanceof Error ? error.message : String(error));
    }
  }

  #noteDrained(): void {
    if (this.#ended && this.#stopping === undefined && this.#parts.spool.records === 0 && this.#batcher.held === 0) this.#drained.resolve();
  }

  async #stop(): Promise<void> {
    this.#batcher.stopWaiting();
    await Promise.all(this.#sources.map((source) => source.stop()));
    await this.#batcher.close();
    await this.#reading;
    await this.#shipper.stop(STOP_GRACE_MS);
    this.#parts.spool.close();
    this.#parts.lock.release();
  }

  #contractStatus(): AgentStatus {
    const { spool } = this.#parts;
    const counters = spool.counters();
    return {
      version: manifest.version,
      host: this.#host,
      started: this.#started,
      counters: { ...counters, read: counters.spooled + this.#batcher.held, sent: counters.sent + this.#shipper.inFlight },
      spool: {
        bytes: spool.bytes,
        limit: this.#options.spoolLimit ?? DEFAULT_SPOOL_LIMIT,
        records: spool.records,
        full: spool.full !== undefined,
      },
      sources: this.#sourceStates(),
    };
  }

  #sourceStates(): AgentStatus['sources'] {
    const reads = this.#parts.spool.reads();
    const states = this.#sources.flatMap((source) =>
      source.states().map(({ name, behind, error }) => {
        const failure = this.#failures.get(source.kind) ?? error;
        return {
          kind: source.kind,
          name: name.slice(0, 1024),
          read: reads.get(`${source.kind}\0${name}`) ?? 0,
          ...(behind === undefined ? {} : { behind }),
          ...(failure === undefined ? {} : { error: failure.slice(0, 1024) }),
        };
      }),
    );
    return states.slice(0, SHOWN_SOURCES);
  }
}
