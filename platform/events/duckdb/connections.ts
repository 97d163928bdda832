/** Connections of the one DuckDB instance: a writer that serialises, and a few readers with time limits that can be cancelled. */
import type { DuckDBConnection, DuckDBInstance, Json } from '@duckdb/node-api';
import { eventsError } from '../errors.ts';
import { MACROS } from './schema.ts';
import type { Parameter } from './sql.ts';

/** A row of the store's queries, whose columns are all scalars. */
export type JsonRow = (string | number | boolean | null)[];

export function scalarRows(reader: { getRowsJson(): Json[][] }): JsonRow[] {
  // oxlint-disable-next-line no-unsafe-type-assertion -- no query of this store selects a nested type
  return reader.getRowsJson() as JsonRow[];
}

/** Runs one task after the other. */
export class Mutex {
  private tail: Promise<unknown> = Promise.resolve();

  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.tail.then(task);
    this.tail = result.catch(() => undefined);
    return result;
  }
}

export async function connect(instance: DuckDBInstance): Promise<DuckDBConnection> {
  const connection = await instance.connect();
  for (const macro of MACROS) await connection.run(macro);
  return connection;
}

export interface Query {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
}

/** What one request may use: its queries run on one connection until it ends, is cancelled or runs out of time. */
export interface Session {
  rows(query: Query): Promise<JsonRow[]>;
}

interface Limits {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

export class Readers {
  private readonly idle: DuckDBConnection[];
  private readonly all: readonly DuckDBConnection[];
  private readonly waiting: (() => void)[] = [];
  private closed = false;

  constructor(connections: readonly DuckDBConnection[]) {
    this.all = connections;
    this.idle = [...connections];
  }

  async run<Result>(limits: Limits, body: (session: Session) => Promise<Result>): Promise<Result> {
    const started = performance.now();
    const connection = await this.take(limits);
    const left = Math.max(1, limits.timeoutMs - (performance.now() - started));
    let stopped: 'timeout' | 'cancelled' | undefined = limits.signal.aborted ? 'cancelled' : undefined;
    let again: NodeJS.Timeout | undefined;
    const stop = (why: 'timeout' | 'cancelled') => (): void => {
      stopped ??= why;
      connection.interrupt();
      // An interrupt between two steps of a query is lost: repeat it until the query has ended.
      again ??= setInterval(() => {
        connection.interrupt();
      }, 20);
    };
    const timer = setTimeout(stop('timeout'), left);
    const cancel = stop('cancelled');
    limits.signal.addEventListener('abort', cancel);
    const failure = (error: unknown): unknown => asError(error, stopped, limits.timeoutMs);
    const session: Session = {
      rows: async (query) => {
        if (stopped !== undefined) throw failure(undefined);
        const reader = await connection.runAndReadAll(query.sql, [...query.parameters]).catch((error: unknown) => {
          throw failure(error);
        });
        // oxlint-disable-next-line no-unnecessary-condition -- set by the timer or the signal while the query ran
        if (stopped !== undefined) throw failure(undefined);
        return scalarRows(reader);
      },
    };
    try {
      return await body(session);
    } finally {
      clearTimeout(timer);
      clearInterval(again);
      limits.signal.removeEventListener('abort', cancel);
      this.give(connection);
    }
  }

  /** When the last request has ended: closing a connection that works on a query holds up the thread for ever. */
  async close(): Promise<void> {
    this.closed = true;
    for (const wake of this.waiting.splice(0)) wake();
    while (this.idle.length < this.all.length) await new Promise<void>((resolve) => this.waiting.push(resolve));
    for (const connection of this.all) connection.closeSync();
  }

  private async take(limits: Limits): Promise<DuckDBConnection> {
    for (;;) {
      if (this.closed) throw eventsError('EVENTS_CLOSED');
      const connection = this.idle.pop();
      if (connection !== undefined) return connection;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(asError(undefined, 'timeout', limits.timeoutMs));
        }, limits.timeoutMs);
        this.waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  private give(connection: DuckDBConnection): void {
    this.idle.push(connection);
    for (const wake of this.waiting.splice(0)) wake();
  }
}

function asError(error: unknown, stopped: 'timeout' | 'cancelled' | undefined, timeoutMs: number): unknown {
  if (stopped === 'timeout') return eventsError('EVENTS_QUERY_TIMEOUT', { seconds: timeoutMs / 1000 }, error);
  if (stopped === 'cancelled') return eventsError('EVENTS_QUERY_CANCELLED', {}, error);
  const text = error instanceof Error ? error.message : String(error);
  if (text.includes('Out of Memory')) return eventsError('EVENTS_QUERY_TOO_LARGE', {}, error);
  return error;
}
