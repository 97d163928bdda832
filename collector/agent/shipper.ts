/**
 * Sends batches in order, one at a time. A batch leaves the spool only when the gateway has acknowledged its number, or has said
 * that it will never take it; everything else is tried again.
 */
import type { Clock } from '@vong/platform/clock';
import type { Logger } from '@vong/platform/logger';
import type { AgentStatus } from '../contracts.ts';
import type { Answer, Transport } from './transport.ts';
import { halve } from './split.ts';
import type { Spool, SpooledBatch } from './spool.ts';

/** `refused`: the token is not accepted (tried again slowly, it may be put right); `busy`: the gateway asks to wait. */
export type ConnectionState = 'starting' | 'connected' | 'unreachable' | 'busy' | 'refused' | 'stopped';

export interface Connection {
  readonly state: ConnectionState;
  /** Since when, milliseconds since the epoch. */
  readonly since: number;
  /** What the gateway or the network said; absent when connected. */
  readonly reason?: string;
}

/** Milliseconds. */
export interface RetryTimings {
  readonly first: number;
  readonly most: number;
  readonly refused: number;
  readonly report: number;
}
export const RETRY_TIMINGS: RetryTimings = { first: 500, most: 30_000, refused: 30_000, report: 10_000 };

export interface ShipperOptions {
  readonly spool: Spool;
  readonly transport: Transport;
  readonly token: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timings: RetryTimings;
  readonly status: () => AgentStatus;
  /** Called after a batch left the spool. */
  readonly settled: () => void;
}

/** Statuses that mean: this batch, never. */
const PERMANENT: ReadonlySet<number> = new Set([400, 413, 415, 422]);
/** Smaller batches may pass: the gateway's own limit, or that of a proxy before it. */
const TOO_LARGE = 413;
const LONGEST_WAIT_MS = 300_000;

export class Shipper {
  readonly #options: ShipperOptions;
  #connection: Connection;
  #failures = 0;
  #synchronised = false;
  #stopped = false;
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #reporter: NodeJS.Timeout | undefined;
  #prepared: SpooledBatch | undefined;
  /** Records of the batch on its way, when it was not counted yet. */
  #sending: SpooledBatch | undefined;

  constructor(options: ShipperOptions) {
    this.#options = options;
    this.#connection = { state: 'starting', since: options.clock.now() };
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Records handed to the network and not answered yet. */
  get inFlight(): number {
    return this.#sending?.records ?? 0;
  }

  start(): void {
    this.#running = this.#run();
    this.#reporter = setInterval(() => void this.#report(), this.#options.timings.report);
  }

  /** There is something new to send. */
  wake(): void {
    this.#wake?.();
  }

  /** Waits for the answer under way, at most `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#reporter);
    this.wake();
    const timer = setTimeout(() => this.#options.transport.close(), graceMs);
    await this.#running;
    clearTimeout(timer);
    this.#options.transport.close();
    this.#state('stopped');
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        if (!this.#synchronised) await this.#synchronise();
        else await this.#sendNext();
      } catch (error) {
        // A bug or a failing disk: shown, and tried again; nothing is taken out of the spool.
        this.#options.logger.error({ err: error }, 'sending failed');
        await this.#retry({ state: 'unreachable', reason: messageOf(error) });
      }
    }
  }

  async #sendNext(): Promise<void> {
    const { spool } = this.#options;
    const batch = this.#prepared ?? spool.next(-1);
    this.#prepared = undefined;
    if (batch === undefined) {
      spool.giveBack();
      return this.#sleep(this.#options.timings.report);
    }
    this.#sending = batch;
    const answering = this.#post('/ingest/v1/batches', batch.body, {
      'content-type': 'application/x-ndjson',
      'content-encoding': 'zstd',
      'x-vong-sequence': String(batch.sequence),
    });
    const following = spool.next(batch.sequence);
    const answer = await answering;
    if (await this.#settle(batch, answer)) {
      this.#sending = undefined;
      this.#prepared ??= following;
      this.#failures = 0;
      this.#options.settled();
      return;
    }
    await this.#explain(answer);
  }

  /** True when the gateway will not need to be sent this batch again as it is. */
  async #settle(batch: SpooledBatch, answer: Answer | Error): Promise<boolean> {
    if (answer instanceof Error) return false;
    const { spool, logger, clock } = this.#options;
    if (answer.status === 200 && numberIn(answer.body, 'sequence') === batch.sequence) {
      spool.acknowledge(batch.sequence);
      this.#state('connected');
      return true;
    }
    if (!PERMANENT.has(answer.status)) return false;
    const text = reasonIn(answer.body);
    if (answer.status === TOO_LARGE && batch.records > 1) {
      spool.split(batch, await halve(batch));
      // What was read ahead has another number now.
      this.#prepared = spool.next(-1);
      logger.warn(
        { sequence: batch.sequence, records: batch.records, reason: text },
        'a batch is too large for the gateway: sent in halves',
      );
      this.#state('connected');
      return true;
    }
    spool.reject(batch, { status: answer.status, text, at: clock.now() });
    logger.error(
      { sequence: batch.sequence, records: batch.records, status: answer.status, reason: text },
      'the gateway rejected a batch for good',
    );
    this.#state('connected');
    return true;
  }

  /** Waits as the answer asks for, and shows why. */
  async #explain(answer: Answer | Error): Promise<void> {
    if (answer instanceof Error) return this.#retry({ state: 'unreachable', reason: answer.message });
    const reason = `${answer.status}: ${reasonIn(answer.body)}`;
    if (answer.status === 401 || answer.status === 403) {
      this.#state('refused', reason);
      return this.#sleep(this.#options.timings.refused);
    }
    if (answer.status === 409) this.#synchronised = false;
    const state = answer.status === 429 || answer.status === 503 ? 'busy' : 'unreachable';
    await this.#retry({ state, reason, wait: answer.retryAfter });
  }

  /** Asks which number the gateway expects, and brings the spool in line. */
  async #synchronise(): Promise<void> {
    const answer = await this.#postStatus();
    const expected = answer instanceof Error || answer.status !== 200 ? undefined : numberIn(answer.body, 'expectedSequence');
    if (expected === undefined) return this.#explain(answer);
    const { deleted, moved } = this.#options.spool.agree(expected);
    this.#prepared = undefined;
    this.#synchronised = true;
    this.#failures = 0;
    this.#state('connected');
    this.#options.settled();
    if (deleted > 0 || moved) this.#options.logger.info({ expected, deleted, moved }, 'took up the numbers of the gateway');
  }

  async #report(): Promise<void> {
    if (!this.#synchronised || this.#connection.state === 'refused') return;
    const answer = await this.#postStatus();
    if (answer instanceof Error) this.#options.logger.debug({ reason: answer.message }, 'status not delivered');
  }

  #postStatus(): Promise<Answer | Error> {
    return this.#post('/ingest/v1/status', Buffer.from(JSON.stringify(this.#options.status())), { 'content-type': 'application/json' });
  }

  async #post(path: string, body: Uint8Array, headers: Record<string, string>): Promise<Answer | Error> {
    try {
      return await this.#options.transport.post(path, { ...headers, authorization: `Bearer ${this.#options.token}` }, body);
    } catch (error) {
      return new Error(messageOf(error), { cause: error });
    }
  }

  async #retry(why: { state: ConnectionState; reason: string; wait?: number | undefined }): Promise<void> {
    this.#state(why.state, why.reason);
    const { first, most } = this.#options.timings;
    const grown = Math.min(most, first * 2 ** Math.min(this.#failures, 20));
    this.#failures += 1;
    // Half fixed, half random: many agents that lost one gateway must not come back in step.
    const wait = grown / 2 + (Math.random() * grown) / 2;
    await this.#sleep(Math.min(LONGEST_WAIT_MS, Math.max(wait, why.wait ?? 0)), { ignoreWake: true });
  }

  async #sleep(ms: number, options: { ignoreWake?: boolean } = {}): Promise<void> {
    if (this.#stopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        if (options.ignoreWake === true && !this.#stopped) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  #state(state: ConnectionState, reason?: string): void {
    if (state === this.#connection.state && reason === this.#connection.reason) return;
    const changed = state !== this.#connection.state;
    const since = changed ? this.#options.clock.now() : this.#connection.since;
    this.#connection = { state, since, ...(reason === undefined ? {} : { reason }) };
    if (changed && state !== 'stopped')
      this.#options.logger[reason === undefined ? 'info' : 'warn']({ state, reason }, 'connection to the gateway');
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' && 'code' in error ? String(error.code) : error.message;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function numberIn(body: string, name: string): number | undefined {
  const value = parseObject(body)?.[name];
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** The sentence in an error answer, or the beginning of whatever came. */
function reasonIn(body: string): string {
  const found = parseObject(body);
  const error = found?.['error'];
  const place = isObject(error) ? error : found;
  const text = place?.['message'] ?? place?.['reason'];
  return typeof text === 'string' ? text.slice(0, 500) : body.slice(0, 200);
}
