/** Writes sealed hot tables out as segments, joins small segments, removes old days. All of it inside `storage.maintenance`. */
import { setTimeout as pause } from 'node:timers/promises';
import { scalarRows } from './connections.ts';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DAY_MS } from '../bounds.ts';
import { Bloom } from './bloom.ts';
import type { HotTable, Segment } from './manifest.ts';
import { COLUMN_NAMES, MEMORY, quoted } from './schema.ts';
import { source } from './source.ts';
import type { Storage } from './storage.ts';

/** Row groups small enough that one event is found without unpacking much; ids are kept as a dictionary so that they get a filter. */
const PARQUET = 'format parquet, compression zstd, compression_level 1, row_group_size 8192';
/** Sealed tables that may wait before appending waits for them. */
const MAX_SEALED = 1;
/** Days with fewer events in a hot table share a segment, so that a clock gone wild can not make thousands of files. */
const SMALL_DAY = 4000;
/** A table whose events lie further out of order than this is sorted when written out. */
const SORT_BEYOND_MS = 120_000;
const JOIN_AT = 8;
const JOIN_EVENTS = 400_000;
/** Joining writes every event a second time: it waits for calmer hours (tables fill slower than this) or for so many small segments. */
/** Writing out that failed is tried again so soon, and kept waiting for so long by one batch. */
const RETRY_MS = 500;
const PATIENCE_MS = 4000;
const CALM_MS = 15_000;
const JOIN_ANYWAY = 256;

/** What an event's age is told by: when it happened, or the later of that and when it was received. */
export type Age = 'happened' | 'received';
const AGE_COLUMNS = 'ts, f_event_ingested';
const AGES: Readonly<Record<Age, string>> = { happened: 'ts', received: 'greatest(ts, coalesce(f_event_ingested, ts))' };

interface Days {
  readonly from: number;
  readonly to: number;
  readonly events: number;
}

interface NewSegment {
  readonly sql: string;
  readonly order: boolean;
  /** Where they are known; otherwise read from the file. */
  readonly ids?: ReadonlySet<string>;
}

export class Maintenance {
  private readonly storage: Storage;
  private running: Promise<void> | undefined;
  private stopping = false;
  private lastWritten = 0;
  private calm = true;

  constructor(storage: Storage) {
    this.storage = storage;
  }

  /**
   * Starts writing out what is sealed. Resolves at once unless too much waits; then when it no longer does. Where writing out fails
   * it is tried again for a while: whoever appends is slowed down, and not told of a failure that is not the batch's.
   */
  async kick(): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const sealed = this.storage.manifest.sealed().length;
      if (sealed > 0 && !this.stopping) this.begin();
      if (sealed <= MAX_SEALED || this.stopping || performance.now() > until) return;
      const failed = await this.running?.then(
        () => false,
        () => true,
      );
      if (failed === true) await pause(RETRY_MS);
    }
  }

  private begin(): void {
    if (this.running !== undefined) return;
    this.running = this.drain().finally(() => {
      this.running = undefined;
    });
    this.running.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.running?.catch(() => undefined);
  }

  /** Seals and writes out everything; for retention and tests. */
  async flush(): Promise<void> {
    await this.storage.maintenance.run(() => this.flushAll());
  }

  /** Removes every event older than the day of `before`; answers the days they happened on (UTC, `2026-11-22`), oldest first. */
  async removeBefore(before: number, age: Age): Promise<string[]> {
    const cut = Math.floor(before / DAY_MS) * DAY_MS;
    const over = `${AGES[age]} < ${cut}`;
    return this.storage.maintenance.run(async () => {
      if (this.storage.manifest.hot().some((table) => table.from < cut)) await this.flushAll();
      const old: Segment[] = [];
      const kept: Segment[] = [];
      for (const segment of this.storage.manifest.segments().filter(({ from }) => from < cut)) {
        const gone = await this.countOf(segment, over);
        if (gone === 0) continue;
        old.push(segment);
        if (gone === segment.events) continue;
        const sql = `select ${COLUMN_NAMES} from ${source([segment], this.storage.files, COLUMN_NAMES)} where not ${over}`;
        kept.push(await this.write({ sql, order: false }));
      }
      if (old.length === 0) return [];
      const sql = `select distinct ts // ${DAY_MS} from ${source(old, this.storage.files, AGE_COLUMNS)} where ${over} order by 1`;
      const days = scalarRows(await this.storage.maintaining.runAndReadAll(sql)).map(([day]) => Number(day));
      await this.storage.swap(old, kept);
      return days.map((day) => new Date(day * DAY_MS).toISOString().slice(0, 10));
    });
  }

  /** How many events of the segment the condition on their age holds for. */
  private async countOf(segment: Segment, condition: string): Promise<number> {
    const sql = `select count(*) from ${source([segment], this.storage.files, AGE_COLUMNS)} where ${condition}`;
    return Number(scalarRows(await this.storage.maintaining.runAndReadAll(sql))[0]?.[0] ?? 0);
  }

  private async drain(): Promise<void> {
    try {
      for (
        let table = this.storage.manifest.sealed()[0];
        table !== undefined && !this.stopping;
        table = this.storage.manifest.sealed()[0]
      ) {
        const next = table;
        await this.storage.maintenance.run(() => this.writeOut(next));
      }
      const small = this.storage.manifest.segments().filter(isSmall).length;
      if (!this.stopping && (this.calm || small > JOIN_ANYWAY)) await this.storage.maintenance.run(() => this.join());
    } catch (error) {
      this.storage.note({
        level: 'error',
        message: 'events could not be written out; tried again',
        details: { reason: String(error) },
      });
      throw error;
    }
  }

  private async flushAll(): Promise<void> {
    await this.storage.writer.run(async () => {
      const open = this.storage.manifest.open();
      if (open !== undefined) open.sealed = true;
    });
    for (const table of this.storage.manifest.sealed()) await this.writeOut(table);
  }

  private async writeOut(table: HotTable): Promise<void> {
    if (!this.storage.manifest.hot().includes(table)) return;
    const now = performance.now();
    this.calm = now - this.lastWritten > CALM_MS;
    this.lastWritten = now;
    const segments: Segment[] = [];
    const groups = await this.daysOf(table);
    for (const days of groups) {
      const sql = `select ${COLUMN_NAMES} from ${MEMORY}.${table.name} where ts >= ${days.from} and ts < ${days.to}`;
      const known = groups.length === 1 ? { ids: table.ids } : {};
      segments.push(await this.write({ sql, order: table.disorder > SORT_BEYOND_MS, ...known }));
    }
    await this.storage.swap([table], segments);
  }

  private async daysOf(table: HotTable): Promise<Days[]> {
    const sql = `select ts // ${DAY_MS}, count(*) from ${MEMORY}.${table.name} group by 1 order by 1`;
    const rows = scalarRows(await this.storage.maintaining.runAndReadAll(sql));
    const groups: Days[] = [];
    for (const [day, count] of rows) {
      const from = Number(day) * DAY_MS;
      const events = Number(count);
      const last = groups.at(-1);
      if (last !== undefined && last.events + events <= SMALL_DAY)
        groups[groups.length - 1] = { from: last.from, to: from + DAY_MS, events: last.events + events };
      else groups.push({ from, to: from + DAY_MS, events });
    }
    return groups;
  }

  private async write(segment: NewSegment): Promise<Segment> {
    const { storage } = this;
    const connection = storage.maintaining;
    const name = await storage.segmentName();
    const file = quoted(storage.files.unfinished(name));
    const dictionary = 'string_dictionary_page_size_limit 4194304, dictionary_size_limit 8192';
    await connection.run(`copy (${segment.sql}${segment.order ? ' order by ts, id' : ''}) to ${file} (${PARQUET}, ${dictionary})`);
    const ids = segment.ids === undefined ? await idsOf(connection, file) : Bloom.for(segment.ids, segment.ids.size);
    const [bounds] = scalarRows(await connection.runAndReadAll(`select min(ts), max(ts), count(*) from read_parquet(${file})`));
    const bytes = await storage.files.publish(name, ids);
    return { kind: 'segment', name, from: Number(bounds?.[0]), to: Number(bounds?.[1]), events: Number(bounds?.[2]), bytes, ids };
  }

  /** Joins runs of small segments of one day, in the order of their times. */
  private async join(): Promise<void> {
    const byDay = new Map<number, Segment[]>();
    for (const segment of this.storage.manifest.segments()) {
      const day = Math.floor(segment.from / DAY_MS);
      if (Math.floor(segment.to / DAY_MS) !== day || !isSmall(segment)) continue;
      byDay.set(day, [...(byDay.get(day) ?? []), segment]);
    }
    for (const segments of byDay.values()) {
      if (segments.length < JOIN_AT || this.stopping) continue;
      const run: Segment[] = [];
      let events = 0;
      for (const segment of segments.sort((left, right) => left.from - right.from)) {
        if (events + segment.events > JOIN_EVENTS) break;
        run.push(segment);
        events += segment.events;
      }
      if (run.length < 2) continue;
      const joined = await this.write({
        sql: `select ${COLUMN_NAMES} from ${source(run, this.storage.files, COLUMN_NAMES)}`,
        order: false,
      });
      await this.storage.swap(run, [joined]);
    }
  }
}

function isSmall(segment: Segment): boolean {
  return segment.events * 2 <= JOIN_EVENTS;
}

async function idsOf(connection: DuckDBConnection, file: string): Promise<Bloom> {
  const rows = scalarRows(await connection.runAndReadAll(`select id from read_parquet(${file})`));
  return Bloom.for(
    rows.map(([id]) => String(id)),
    rows.length,
  );
}
