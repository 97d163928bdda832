/** Follows log files: see README.md for what survives. */
import { setTimeout as delay } from 'node:timers/promises';
import { dirname } from 'node:path';
import { isoTime } from '@vong/platform/clock';
import { stableId } from '@vong/platform/ids';
import type { RecordFormat } from '../../contracts.ts';
import type { Source, SourceBatch, SourceContext, SourceState } from '../contract.ts';
import { formatOfPath } from './format.ts';
import { Lineages, type Lineage } from './lineages.ts';
import { toRecords, type Envelope } from './records.ts';
import { BUFFER_BYTES, type TailFile } from './tail.ts';
import { FolderWatch } from './watch.ts';

/** Milliseconds. */
export interface FileTimings {
  /** Shortest time between two rounds of reading: events of the file system are gathered meanwhile. */
  readonly pace: number;
  /** Longest time until a change is noticed that the file system did not announce. */
  readonly sweep: number;
  /** Longest time between two looks at the folders. */
  readonly scan: number;
  /** A renamed or deleted file without news for so long is finished: its last line is taken though it has no end. */
  readonly finish: number;
}

export interface FileSourceOptions {
  /** Paths, or patterns with `*`, `**`, `?`, `[…]`, `{a,b}`. */
  readonly patterns: readonly string[];
  /** How all files are to be read; by default told from the path. */
  readonly format?: RecordFormat;
  readonly timings?: Partial<FileTimings>;
}

const TIMINGS: FileTimings = { pace: 50, sweep: 1000, scan: 5000, finish: 30_000 };

/** A source over files on this machine. Records: `source: 'file'`, `path` = the followed path, also after a rotation. */
export function createFileSource(options: FileSourceOptions, context: SourceContext): Source {
  return new FileSource(options, context);
}

class FileSource implements Source {
  readonly kind = 'file';
  readonly #lineages: Lineages;
  readonly #timings: FileTimings;
  readonly #format: RecordFormat | undefined;
  readonly #context: SourceContext;
  readonly #watch = new FolderWatch();
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  readonly #envelopes = new Map<string, Envelope>();
  #stopped = false;
  #ended: Promise<void> = Promise.resolve();
  #nextScan = 0;
  #nextSweep = 0;

  constructor(options: FileSourceOptions, context: SourceContext) {
    this.#lineages = new Lineages(options.patterns);
    this.#timings = { ...TIMINGS, ...options.timings };
    this.#format = options.format;
    this.#context = context;
  }

  async *start(positions: ReadonlyMap<string, string>): AsyncGenerator<SourceBatch> {
    const ended = Promise.withResolvers<void>();
    this.#ended = ended.promise;
    try {
      this.#lineages.restore(positions);
      while (!this.#stopped) {
        const changes = await this.#scanWhenDue();
        if (changes.size > 0) yield { name: 'scan', records: [], positions: changes };
        yield* this.#round();
        await this.#rest();
      }
    } finally {
      this.#watch.close();
      await this.#lineages.close();
      ended.resolve();
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#watch.wake();
    await this.#ended;
  }

  behind(): number {
    return this.#lineages.all().reduce((sum, lineage) => sum + behindOf(lineage), 0);
  }

  states(): readonly SourceState[] {
    return this.#lineages.all().map((lineage) => {
      const error = lineage.error ?? lineage.files.find((file) => file.error !== undefined)?.error;
      const missing = lineage.next === 0 && error === undefined ? 'waiting: there is no such file yet' : error;
      return { name: lineage.path, behind: behindOf(lineage), ...(missing === undefined ? {} : { error: missing }) };
    });
  }

  async #scanWhenDue(): Promise<ReadonlyMap<string, string | null>> {
    if (this.#context.clock.now() < this.#nextScan) return new Map();
    this.#nextScan = this.#context.clock.now() + this.#timings.scan;
    // Everything is looked at after a scan: a file may have got news before its folder was watched.
    this.#nextSweep = 0;
    const changes = await this.#lineages.scan();
    this.#watch.follow(new Set(this.#lineages.all().map((lineage) => dirname(lineage.path))));
    return changes;
  }

  /** Reads every file with news to its end, a batch of each lineage in turn. */
  async *#round(): AsyncGenerator<SourceBatch> {
    const { paths } = this.#takeNews();
    const sweep = this.#context.clock.now() >= this.#nextSweep;
    if (sweep) this.#nextSweep = this.#context.clock.now() + this.#timings.sweep;
    const all = this.#lineages.all();
    let active = sweep ? all : all.filter(({ files }) => files.some(({ location }) => location !== undefined && paths.has(location)));
    while (active.length > 0 && !this.#stopped) {
      const going: Lineage[] = [];
      for (const lineage of active) {
        const batch = await this.#readLineage(lineage);
        if (batch === undefined) continue;
        going.push(lineage);
        yield batch;
        if (this.#stopped) return;
      }
      active = going;
    }
  }

  #takeNews(): { readonly paths: ReadonlySet<string> } {
    const news = this.#watch.take();
    if (news.namesChanged) this.#nextScan = 0;
    return news;
  }

  /** The next batch of the oldest file that has one. */
  async #readLineage(lineage: Lineage): Promise<SourceBatch | undefined> {
    for (const file of lineage.files) {
      if (!file.isOpen) continue;
      const outcome = await file.read(this.#buffer);
      const now = this.#context.clock.now();
      if (outcome.kind === 'replaced') {
        await this.#lineages.replaced(file);
        this.#nextScan = 0;
        return undefined;
      }
      if (outcome.kind === 'lines') {
        file.lastActive = now;
        const place = { envelope: this.#envelope(file), offset: outcome.offset, collected: isoTime(now) };
        const records = toRecords(outcome.data, outcome.lines, place);
        return { name: lineage.path, records, positions: new Map([[file.key, JSON.stringify(file.position)]]) };
      }
      if (await this.#finishWhenOver(lineage, file, now)) return this.#readLineage(lineage);
    }
    return undefined;
  }

  /** True when there is a last, unended line to read. */
  async #finishWhenOver(lineage: Lineage, file: TailFile, now: number): Promise<boolean> {
    if (file.location === lineage.path) return false;
    if (file.lastActive === 0) file.lastActive = now;
    if (now - file.lastActive < this.#timings.finish) return false;
    if (file.behind > 0 && !file.final) {
      file.final = true;
      return true;
    }
    // A rotated file stays known as long as it is there: else it would be taken for a new one.
    if (file.location === undefined) await this.#lineages.finished(file);
    else if (file.position.generation < lineage.next - 1) await file.close();
    return false;
  }

  #envelope(file: TailFile): Envelope {
    const known = this.#envelopes.get(file.key);
    if (known !== undefined) return known;
    const { path, generation } = file.position;
    const envelope = {
      source: this.kind,
      path,
      format: this.#format ?? formatOfPath(path),
      host: this.#context.host,
      idPrefix: `${stableId('file', path)}.${generation.toString(36)}`,
    };
    if (this.#envelopes.size > 1000) this.#envelopes.clear();
    this.#envelopes.set(file.key, envelope);
    return envelope;
  }

  async #rest(): Promise<void> {
    if (this.#stopped) return;
    await delay(this.#timings.pace);
    const due = Math.min(this.#nextScan, this.#nextSweep) - this.#context.clock.now();
    if (due > 0 && !this.#stopped) await this.#watch.wait(due);
    if (this.#watch.namesChanged) this.#nextScan = 0;
  }
}

function behindOf(lineage: Lineage): number {
  return lineage.files.reduce((sum, file) => sum + file.behind, 0);
}
