/** The work on one batch body: lines → records → events and dead letters. Pure but for the clock it is given; runs in the worker. */
import { isUtf8 } from 'node:buffer';
import type { EcsEvent } from '@vong/platform/events';
import { VongError } from '@vong/platform/errors';
import type { AgentIdentity } from '@vong/platform/http';
import { stableId } from '@vong/platform/ids';
import type { LogRecord } from '@vong/platform/log';
import { LIMITS, type ParsedEvent, type RawRecord } from '../contracts.ts';
import { parseRecord } from '../parsers/index.ts';
import { deadLetterError, gatewayError } from './errors.ts';
import { type CheckedRecord, readRecord } from './raw-record.ts';
import { Slab } from './slab.ts';

/** A record of the topic `dead-letters`. `raw64`: the line or, with an `envelope`, the record alone. */
export interface DeadLetter {
  id: string;
  agency: string;
  agent: string;
  agentName: string;
  code: string;
  reason: string;
  /** When the gateway took it, milliseconds since the epoch. */
  at: number;
  /** The exact bytes in base64, cut at `DEAD_LETTER_BYTES`. */
  raw64: string;
  /** Length before any cut. */
  bytes: number;
  envelope?: Omit<RawRecord, 'raw' | 'raw64'>;
}

export interface BatchContext {
  readonly agent: AgentIdentity;
  readonly sequence: number;
  /** Received: milliseconds since the epoch. */
  readonly now: number;
}

export interface BatchOutcome {
  readonly events: LogRecord[];
  readonly deadLetters: LogRecord[];
  /** Median of received − happened, milliseconds; undefined without events. */
  readonly lagMs: number | undefined;
}

/** A dead letter keeps at most this many bytes: enough for any record within the limits. */
export const DEAD_LETTER_BYTES = 4 * 1024 * 1024;
const LAG_SAMPLES = 64;
const NEWLINE = 0x0a;
const DAY = 86_400_000;

/**
 * Throws INGEST_BATCH_TOO_LARGE for more lines than a batch may have; anything wrong with a single line only concerns that line.
 * The events' bytes are valid until the slab is reset.
 */
export function processBatch(body: Uint8Array, context: BatchContext, slab = new Slab()): BatchOutcome {
  const outcome = { events: [] as LogRecord[], deadLetters: [] as LogRecord[], lags: [] as number[] };
  const maker = new EventMaker(context, slab);
  let lineNumber = 0;
  for (const line of linesOf(body)) {
    if (++lineNumber > LIMITS.recordsPerBatch)
      throw gatewayError('INGEST_BATCH_TOO_LARGE', { limit: LIMITS.recordsPerBatch, unit: 'records' });
    const made = maker.make(line, String(lineNumber));
    if ('deadLetter' in made) outcome.deadLetters.push(encodeDeadLetter(made.deadLetter));
    else {
      outcome.events.push(made.record);
      if (outcome.lags.length < LAG_SAMPLES) outcome.lags.push(context.now - Date.parse(made.happened));
    }
  }
  outcome.lags.sort((a, b) => a - b);
  return { ...outcome, lagMs: outcome.lags[outcome.lags.length >> 1] };
}

/** Text of each line that is not blank; bytes where a line is not UTF-8. */
function* linesOf(body: Uint8Array): Generator<string | Uint8Array> {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const valid = isUtf8(buffer);
  for (let start = 0; start < buffer.length;) {
    const found = buffer.indexOf(NEWLINE, start);
    const end = found < 0 ? buffer.length : found;
    const last = end > start && buffer[end - 1] === 0x0d ? end - 1 : end;
    if (last > start) {
      const bytes = buffer.subarray(start, last);
      yield valid || isUtf8(bytes) ? buffer.toString('utf8', start, last) : bytes;
    }
    start = end + 1;
  }
}

export type Made = { readonly record: LogRecord; readonly happened: string } | { readonly deadLetter: DeadLetter };

/** Makes the event of a line, for one agent. */
export class EventMaker {
  readonly #context: BatchContext;
  readonly #ingested: string;
  /** A time after this one is more than a day ahead of our clock. ISO 8601 compares as text. */
  readonly #latest: string;
  readonly #slab: Slab;

  constructor(context: BatchContext, slab: Slab) {
    this.#context = context;
    this.#slab = slab;
    this.#ingested = new Date(context.now).toISOString();
    this.#latest = new Date(context.now + DAY).toISOString();
  }

  make(line: string | Uint8Array, place: string): Made {
    let record: CheckedRecord;
    try {
      if (typeof line !== 'string') throw deadLetterError('INGEST_LINE_NOT_UTF8');
      record = readRecord(line);
    } catch (error) {
      return { deadLetter: this.#deadLetter(error, place, { bytes: Buffer.from(line) }) };
    }
    return this.makeRecord(record, place);
  }

  makeRecord(record: CheckedRecord, place: string): Made {
    const bytes = record.raw64 === undefined ? undefined : Buffer.from(record.raw64, 'base64');
    const raw = record.raw ?? bytes?.toString('utf8') ?? '';
    try {
      const outcome = parseRecord({ ...record, raw });
      if ('error' in outcome) return { deadLetter: this.#deadLetter(outcome.error, place, { bytes: bytes ?? Buffer.from(raw), record }) };
      const event = this.#complete(outcome.event, record);
      // One bad byte must not hide an event: it is read with replacement characters, and the exact bytes stay beside it.
      if (bytes !== undefined && record.raw64 !== undefined && !isUtf8(bytes)) {
        event.tags = [...(event.tags ?? []), 'invalid_utf8'];
        event.labels = { ...event.labels, raw64: record.raw64 };
      }
      // The parser only knows the agent's clock; when that is wrong as well, ours shows it.
      if (event['@timestamp'] > this.#latest && event.tags?.includes('clock_skew') !== true)
        event.tags = [...(event.tags ?? []), 'clock_skew'];
      const key = `${this.#context.agent.agency}\0${event.host?.name ?? this.#context.agent.name}`;
      return { record: { key, value: this.#slab.encode(JSON.stringify(event)) }, happened: event['@timestamp'] };
    } catch (error) {
      const failure = deadLetterError('INGEST_PARSER_FAILED', { reason: error instanceof Error ? error.message.slice(0, 300) : 'unknown' });
      return { deadLetter: this.#deadLetter(failure, place, { bytes: bytes ?? Buffer.from(raw), record }) };
    }
  }

  #complete(parsed: ParsedEvent, record: CheckedRecord): EcsEvent {
    const { agent } = this.#context;
    const event: EcsEvent = {
      ...parsed,
      event: { ...parsed.event, id: stableId(agent.agency, agent.name, record.id), created: record.collected, ingested: this.#ingested },
      organization: { id: agent.agency },
      agent: { id: agent.id, name: agent.name, type: 'vong' },
    };
    if (record.labels !== undefined) event.labels = record.labels;
    return event;
  }

  #deadLetter(error: unknown, place: string, subject: { bytes: Buffer; record?: CheckedRecord }): DeadLetter {
    const { agent, sequence, now } = this.#context;
    const { code, reason } = explained(error);
    const letter: DeadLetter = {
      id: stableId(agent.id, String(sequence), place),
      agency: agent.agency,
      agent: agent.id,
      agentName: agent.name,
      code,
      reason,
      at: now,
      raw64: subject.bytes.subarray(0, DEAD_LETTER_BYTES).toString('base64'),
      bytes: subject.bytes.length,
    };
    if (subject.record !== undefined) {
      const { raw: _raw, raw64: _raw64, ...envelope } = subject.record;
      letter.envelope = envelope;
    }
    return letter;
  }
}

function explained(error: unknown): { code: string; reason: string } {
  if (error instanceof VongError) return { code: error.code, reason: error.message };
  if (typeof error === 'object' && error !== null && 'code' in error && 'reason' in error)
    return { code: String(error.code), reason: String(error.reason) };
  return { code: 'INGEST_PARSER_FAILED', reason: error instanceof Error ? error.message.slice(0, 300) : 'unknown' };
}

export function encodeDeadLetter(letter: DeadLetter): LogRecord {
  return { key: `${letter.agency}\0${letter.agent}`, value: Buffer.from(JSON.stringify(letter)) };
}
