/**
 * The administrator's processing pipelines, followed: a change of their files is in use within seconds. **What is broken changes
 * nothing**: the pipelines of before stay, and why the new ones are not used is told.
 */
import { hash } from 'node:crypto';
import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@vong/platform/clock';
import { VongError } from '@vong/platform/errors';
import type { Logger } from '@vong/platform/logger';
import { every } from '@vong/platform/process';
import type { PipelineText } from './messages.ts';
import { loadProcessing, noteNoEffect, readProcessing } from './processing.ts';

const LOOK_EVERY_MS = 1000;

export interface ProcessingOptions {
  readonly directories: readonly string[];
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** One pipeline in use. */
export interface ProcessingView {
  /** Name of its file, without the directory. */
  readonly file: string;
  readonly name?: string;
  /** Lower ones apply first. */
  readonly priority: number;
  /** Number of its transformations. */
  readonly transformations: number;
  /** SHA-256 of the file, 12 hex digits. */
  readonly version: string;
  /** What of it has no effect. */
  readonly notes: readonly { readonly line: number; readonly note: string }[];
}

/** Why what the files hold now is not in use. */
export interface ProcessingProblem {
  readonly file?: string;
  readonly line?: number;
  readonly reason: string;
  /** Seen first, milliseconds since the epoch. */
  readonly at: number;
}

export class ProcessingFiles {
  readonly #options: ProcessingOptions;
  readonly #listeners = new Set<() => void>();
  #texts: readonly PipelineText[];
  /** What the last look found: what is still being written differs from one look to the next, and is not taken yet. */
  #seen: unknown;
  /** Since when every detector thread has used them; undefined until then. */
  #since: number | undefined;
  #problem: ProcessingProblem | undefined;

  private constructor(options: ProcessingOptions, texts: readonly PipelineText[]) {
    this.#options = options;
    this.#texts = this.#seen = texts;
  }

  /** Throws `DETECTOR_PIPELINE` or `DETECTOR_PIPELINES_UNREADABLE`: without those it was given a server does not start. */
  static async open(options: ProcessingOptions): Promise<ProcessingFiles> {
    const texts = await readProcessing(options.directories);
    noteNoEffect(texts, options.logger);
    return new ProcessingFiles(options, texts);
  }

  /** The pipelines rules are changed with from now on, in the order of directories and names. */
  get texts(): readonly PipelineText[] {
    return this.#texts;
  }

  get since(): number | undefined {
    return this.#since;
  }

  get problem(): ProcessingProblem | undefined {
    return this.#problem;
  }

  /** In the order in which they apply. */
  views(): ProcessingView[] {
    const loaded = loadProcessing(this.#texts).map((pipeline, index) => ({ pipeline, text: this.#texts[index]?.text ?? '' }));
    return loaded
      .toSorted((a, b) => a.pipeline.priority - b.pipeline.priority)
      .map(({ pipeline: { file, name, priority, items, notes }, text }) => ({
        file: basename(file),
        ...(name === undefined ? {} : { name }),
        priority,
        transformations: items.length,
        version: hash('sha256', text, 'hex').slice(0, 12),
        notes,
      }));
  }

  /** Calls back after every change of what is in use. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Follows the files. Returns how to stop. */
  start(): () => void | Promise<void> {
    if (this.#options.directories.length === 0) return () => undefined;
    return every(LOOK_EVERY_MS, async () => await this.look(), this.#options.logger);
  }

  /** Takes what two looks one after the other have found. */
  async look(): Promise<void> {
    const found = await this.#read();
    const settled = isDeepStrictEqual(found, this.#seen);
    this.#seen = found;
    if (!settled) return;
    if ('reason' in found) return this.#refuse(found);
    this.#problem = undefined;
    if (isDeepStrictEqual(found, this.#texts)) return;
    this.#texts = found;
    this.#since = undefined;
    noteNoEffect(found, this.#options.logger);
    this.#options.logger.info({ pipelines: found.map(({ file }) => file) }, 'the processing pipelines have changed');
    for (const listener of this.#listeners) listener();
  }

  /** Every detector thread uses these. */
  used({ processing, at }: { readonly processing: readonly PipelineText[]; readonly at: number }): void {
    if (isDeepStrictEqual(processing, this.#texts)) this.#since ??= at;
  }

  async #read(): Promise<PipelineText[] | Omit<ProcessingProblem, 'at'>> {
    try {
      return await readProcessing(this.#options.directories);
    } catch (error) {
      const { file, line, reason } = error instanceof VongError ? error.details : {};
      return {
        ...(typeof file === 'string' ? { file: basename(file) } : {}),
        ...(typeof line === 'number' ? { line } : {}),
        reason: typeof reason === 'string' && reason !== '' ? reason : error instanceof Error ? error.message : String(error),
      };
    }
  }

  #refuse(problem: Omit<ProcessingProblem, 'at'>): void {
    const known = this.#problem;
    if (known !== undefined && isDeepStrictEqual(known, { ...problem, at: known.at })) return;
    this.#problem = { ...problem, at: this.#options.clock.now() };
    this.#options.logger.error({ ...problem }, 'the processing pipelines cannot be used; those of before stay in use');
  }
}
