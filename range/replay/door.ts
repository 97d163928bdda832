/** The sender's side of the gateway's protocol (collector/contracts.ts): numbered batches, each sent until it is acknowledged. */
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import type { BatchReceipt } from '@vong/collector/contracts';
import type { Clock } from '@vong/platform/clock';
import { isoTime } from '@vong/platform/clock';
import { replayError } from './errors.ts';

const compress = promisify(zstdCompress);
const ANSWER_MS = 60_000;
/** Given up after this long without an answer at all. A gateway that asks to wait is waited for as long as it asks. */
const UNREACHABLE_MS = 120_000;
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [250, 30_000] as const;

export interface DoorOptions {
  /** Base address, e.g. `http://127.0.0.1:8080`. */
  readonly server: string;
  readonly token: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly retryAfter: number | undefined;
}

export class FrontDoor {
  readonly #options: DoorOptions;

  constructor(options: DoorOptions) {
    this.#options = options;
  }

  /** Number the next batch of this agent must have; 0 for a new one. */
  async expectedSequence(): Promise<number> {
    const zero = { read: 0, spooled: 0, sent: 0, acknowledged: 0, rejected: 0 };
    const status = {
      version: 'replay',
      host: 'replay',
      started: isoTime(this.#options.clock.now()),
      counters: zero,
      spool: { bytes: 0, limit: 0, records: 0, full: false },
      sources: [],
    };
    const answer = await this.#until('/ingest/v1/status', { 'content-type': 'application/json' }, Buffer.from(JSON.stringify(status)));
    const expected = answer.body['expectedSequence'];
    return typeof expected === 'number' && Number.isSafeInteger(expected) && expected >= 0 ? expected : 0;
  }

  /** Sends one batch (NDJSON of records). Resolves when the gateway has it for good; throws REPLAY_REFUSED, REPLAY_UNREACHABLE. */
  async send(sequence: number, lines: string): Promise<BatchReceipt> {
    const headers = { 'content-type': 'application/x-ndjson', 'content-encoding': 'zstd', 'x-vong-sequence': String(sequence) };
    const { status, body } = await this.#until('/ingest/v1/batches', headers, await compress(Buffer.from(lines)));
    if (body['sequence'] !== sequence)
      throw replayError('REPLAY_REFUSED', { status, reason: `it acknowledged another batch than ${sequence}` });
    return {
      sequence,
      duplicate: body['duplicate'] === true,
      accepted: numberOf(body['accepted']),
      deadLettered: numberOf(body['deadLettered']),
    };
  }

  async #until(path: string, headers: Record<string, string>, body: Uint8Array): Promise<Answer> {
    const { clock, signal, server } = this.#options;
    let since = clock.now();
    for (let attempt = 0; ; attempt++) {
      signal.throwIfAborted();
      const answer = await this.#post(path, headers, body);
      const grown = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 10));
      if (answer instanceof Error) {
        const waited = clock.now() - since;
        if (waited > UNREACHABLE_MS) {
          throw replayError('REPLAY_UNREACHABLE', { server, seconds: Math.round(waited / 1000), reason: answer.message }, answer);
        }
        await delay(grown, undefined, { signal });
        continue;
      }
      if (answer.status === 200) return answer;
      const again = answer.status === 429 || answer.status >= 500;
      if (!again) throw replayError('REPLAY_REFUSED', { status: answer.status, reason: reasonOf(answer.body) });
      since = clock.now();
      await delay(Math.max(answer.retryAfter ?? grown, 1), undefined, { signal });
    }
  }

  async #post(path: string, headers: Record<string, string>, body: Uint8Array): Promise<Answer | Error> {
    const { server, token, signal } = this.#options;
    try {
      const response = await fetch(new URL(`${server.replace(/\/$/, '')}${path}`), {
        method: 'POST',
        headers: { ...headers, authorization: `Bearer ${token}` },
        body: new Uint8Array(body),
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
      });
      const text = await response.text();
      return { status: response.status, body: objectOf(text), retryAfter: retryAfterOf(response.headers.get('retry-after')) };
    } catch (error) {
      signal.throwIfAborted();
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      return cause instanceof Error ? cause : new Error(String(cause));
    }
  }
}

/** Milliseconds; the gateway writes seconds. */
function retryAfterOf(header: string | null): number | undefined {
  return header !== null && /^\d{1,5}$/.test(header) ? Number(header) * 1000 : undefined;
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function reasonOf(body: Record<string, unknown>): string {
  const error = body['error'];
  const message = isObject(error) ? error['message'] : body['message'];
  return typeof message === 'string' ? message.slice(0, 500) : 'no reason given';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
