/** Reads lines from a stream until it ends. */
import type { Readable } from 'node:stream';
import { isoTime } from '@vong/platform/clock';
import type { RecordFormat } from '../../contracts.ts';
import { BATCH_LIMITS, type Source, type SourceBatch, type SourceContext, type SourceState } from '../contract.ts';
import { LineStream, type Cut } from '../line-stream.ts';
import { toRecords, type Envelope } from '../file/index.ts';

export interface StdinSourceOptions {
  readonly input: Readable;
  readonly format?: RecordFormat;
}

const KEY = 'run';

/**
 * A pipe has no name and cannot be read again: each start is a new run, numbered, and the number is part of the record ids.
 * What a killed agent had taken from the pipe but not stored is lost with the pipe.
 */
export function createStdinSource(options: StdinSourceOptions, context: SourceContext): Source {
  return new StdinSource(options, context);
}

class StdinSource implements Source {
  readonly kind = 'stdin';
  readonly #options: StdinSourceOptions;
  readonly #context: SourceContext;
  #error: string | undefined;

  constructor(options: StdinSourceOptions, context: SourceContext) {
    this.#options = options;
    this.#context = context;
  }

  async *start(positions: ReadonlyMap<string, string>): AsyncGenerator<SourceBatch> {
    const run = Number(positions.get(KEY) ?? -1) + 1;
    const envelope: Envelope = {
      source: this.kind,
      path: 'stdin',
      format: this.#options.format ?? 'auto',
      host: this.#context.host,
      idPrefix: `stdin.${run.toString(36)}`,
    };
    const stored = new Map([[KEY, String(run)]]);
    const lines = new LineStream(BATCH_LIMITS.records);
    try {
      for await (const chunk of this.#options.input as AsyncIterable<Buffer>) {
        for (const cut of lines.push(Buffer.from(chunk))) yield this.#batch(cut, envelope, stored);
      }
      for (const cut of lines.end()) yield this.#batch(cut, envelope, stored);
    } catch (error) {
      // A stream that is destroyed by `stop` ends here as well; only a reader that fails by itself is worth showing.
      if (!this.#options.input.destroyed) throw error;
      this.#error = error instanceof Error ? error.message : String(error);
    }
  }

  async stop(): Promise<void> {
    this.#options.input.destroy();
    await Promise.resolve();
  }

  behind(): undefined {
    return undefined;
  }

  states(): readonly SourceState[] {
    return [{ name: 'stdin', ...(this.#error === undefined ? {} : { error: this.#error }) }];
  }

  #batch(cut: Cut, envelope: Envelope, positions: ReadonlyMap<string, string>): SourceBatch {
    const place = { envelope, offset: cut.offset, collected: isoTime(this.#context.clock.now()) };
    return { name: 'stdin', records: toRecords(cut.data, cut.lines, place), positions };
  }
}
