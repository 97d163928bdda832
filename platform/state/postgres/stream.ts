/** Rows of a query page by page, through a cursor of the server. */
import type { CompiledQuery, QueryResult } from 'kysely';
import type { QueryResult as Answer } from 'pg';

export interface StreamOptions {
  readonly run: (query: CompiledQuery) => Promise<Answer>;
  /** Rows fetched at once; default 500. */
  readonly chunkSize?: number | undefined;
  /** The cursor outlives its statement: outside of a transaction, where none is to stay open while the rows are looked at. */
  readonly hold: boolean;
}

let cursors = 0;

export async function* rowsOf<Row>(query: CompiledQuery, options: StreamOptions): AsyncIterableIterator<QueryResult<Row>> {
  const { run, chunkSize = 500, hold } = options;
  const name = `vong_${++cursors}`;
  const plain = (sql: string): CompiledQuery => ({ ...query, sql, parameters: [] });
  await run({ ...query, sql: `declare ${name} no scroll cursor ${hold ? 'with hold' : ''} for ${query.sql}` });
  try {
    for (;;) {
      const { rows } = await run(plain(`fetch ${Math.max(1, Math.trunc(chunkSize))} from ${name}`));
      if (rows.length === 0) return;
      for (const row of rows) yield { rows: [row] };
    }
  } finally {
    // Fails only where the connection or the transaction has, and the cursor with it.
    await run(plain(`close ${name}`)).catch(() => undefined);
  }
}
