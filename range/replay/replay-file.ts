import { setTimeout as delay } from 'node:timers/promises';
import type { RawRecord } from '@vong/collector/contracts';
import { isoTime, systemClock } from '@vong/platform/clock';
import type { Clock } from '@vong/platform/clock';
import { randomId } from '@vong/platform/ids';
import { openRecording } from '../recordings/index.ts';
import type { RecordedEvent } from '../recordings/index.ts';
import { FrontDoor } from './door.ts';
import { Pace } from './pace.ts';
import { shiftTimes } from './shift.ts';
import { countEvents, fingerprint } from './survey.ts';

export interface ReplayProgress {
  /** Events the gateway has acknowledged. */
  readonly sent: number;
  /** Events of the recording; estimated above a million. */
  readonly total: number;
}

export interface ReplayFileOptions {
  readonly file: string;
  /** Base address of the gateway. */
  readonly server: string;
  /** Token of an agent of the agency that the events shall belong to. */
  readonly token: string;
  /** 1 = as recorded … 1000; 0 = as fast as the gateway takes it. */
  readonly speed: number;
  /** Move the times in the records so that the first event happens now. */
  readonly shiftTime: boolean;
  /** Label `replay` of every event, and part of the record ids when times are shifted. Default: random. */
  readonly id?: string;
  readonly onProgress?: (progress: ReplayProgress) => void;
  /** Cancels at once; the promise resolves with `cancelled`. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

export interface ReplayResult {
  /** Events acknowledged by the gateway. */
  readonly sent: number;
  /** Of those, how many it put to the dead letters. */
  readonly deadLettered: number;
  /** Milliseconds from the first byte read to the last acknowledgement. */
  readonly ms: number;
  readonly cancelled: boolean;
  /** What could not be read of the recording, the first hundred. */
  readonly problems: readonly string[];
}

const BATCH = { records: 2000, characters: 2 * 1024 * 1024 } as const;
/** An event due this soon goes with the batch at hand. */
const TOGETHER_MS = 50;
const LONGEST_SLEEP_MS = 3_600_000;
const MOST_PROBLEMS = 100;

/**
 * Sends a recording through the gateway's front door. Record ids are a function of the recording's content and, when times are
 * shifted, of the replay's id: without shifting, the same recording from an agent of the same name is the same set of events.
 * Throws REPLAY_REFUSED, REPLAY_UNREACHABLE, RECORDING_MISSING.
 */
export async function replayFile(options: ReplayFileOptions): Promise<ReplayResult> {
  const clock = options.clock ?? systemClock;
  const started = clock.now();
  const signal = options.signal ?? new AbortController().signal;
  const replay = new Replay(options, { clock, signal });
  const cancelled = await replay.run();
  return { ...replay.counted, cancelled, ms: clock.now() - started, problems: replay.problems };
}

class Replay {
  readonly problems: string[] = [];
  readonly #options: ReplayFileOptions;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #door: FrontDoor;
  readonly #id: string;
  #sent = 0;
  #deadLettered = 0;
  #total = 0;
  #sequence = 0;
  #lines = '';
  #records = 0;
  /** One batch is on its way while the next is put together. */
  #sending: Promise<void> = Promise.resolve();

  constructor(options: ReplayFileOptions, { clock, signal }: { clock: Clock; signal: AbortSignal }) {
    this.#options = options;
    this.#clock = clock;
    this.#signal = signal;
    this.#door = new FrontDoor({ server: options.server, token: options.token, clock, signal });
    this.#id = options.id ?? randomId();
  }

  get counted(): { sent: number; deadLettered: number } {
    return { sent: this.#sent, deadLettered: this.#deadLettered };
  }

  /** True when it was cancelled. */
  async run(): Promise<boolean> {
    try {
      await this.#run();
      return false;
    } catch (error) {
      await this.#sending.catch(() => undefined);
      if (this.#signal.aborted) return true;
      throw error;
    }
  }

  async #run(): Promise<void> {
    const { file, speed, shiftTime } = this.#options;
    const content = await fingerprint(file, this.#signal);
    const prefix = shiftTime ? `${content}:${this.#id}` : content;
    this.#total = await countEvents(file, this.#signal);
    this.#options.onProgress?.({ sent: 0, total: this.#total });
    this.#sequence = await this.#door.expectedSequence();
    const pace = new Pace({ start: this.#clock.now(), speed, shift: shiftTime });
    const reading = { times: speed > 0 || shiftTime, signal: this.#signal, onProblem: (reason: string) => this.#problem(reason) };
    for await (const event of openRecording(file, reading)) {
      const { due, delta } = pace.next(event.time);
      if (speed > 0) await this.#waitUntil(due);
      this.#add(this.#record(event, { prefix, delta }));
      if (this.#records >= BATCH.records || this.#lines.length >= BATCH.characters) await this.#flush();
    }
    await this.#flush();
    await this.#sending;
  }

  #record(event: RecordedEvent, { prefix, delta }: { prefix: string; delta: number }): RawRecord {
    const shared = {
      id: `${prefix}:${event.position}`,
      source: 'replay',
      format: event.format,
      collected: isoTime(this.#clock.now()),
      labels: { replay: this.#id },
    };
    if (event.raw64 !== undefined) return { ...shared, raw64: event.raw64 };
    return { ...shared, raw: delta === 0 ? event.raw : shiftTimes(event.raw, delta, new Date(event.time ?? 0).getUTCFullYear()) };
  }

  #add(record: RawRecord): void {
    this.#lines += `${JSON.stringify(record)}\n`;
    this.#records++;
  }

  async #waitUntil(due: number): Promise<void> {
    for (let wait = due - this.#clock.now(); wait > TOGETHER_MS; wait = due - this.#clock.now()) {
      await this.#flush();
      // There is time: a refusal shows now, not after the pause.
      await this.#sending;
      await delay(Math.min(Math.max(due - this.#clock.now(), 1), LONGEST_SLEEP_MS), undefined, { signal: this.#signal });
    }
  }

  async #flush(): Promise<void> {
    await this.#sending;
    if (this.#records === 0) return;
    const [lines, records, sequence] = [this.#lines, this.#records, this.#sequence++];
    this.#lines = '';
    this.#records = 0;
    this.#sending = this.#send(sequence, { lines, records });
    // Awaited by the next flush; until then a failure must not count as unhandled.
    this.#sending.catch(() => undefined);
  }

  async #send(sequence: number, { lines, records }: { lines: string; records: number }): Promise<void> {
    const receipt = await this.#door.send(sequence, lines);
    this.#sent += records;
    this.#deadLettered += receipt.deadLettered;
    this.#total = Math.max(this.#total, this.#sent);
    this.#options.onProgress?.({ sent: this.#sent, total: this.#total });
  }

  #problem(reason: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(reason);
  }
}
