/**
 * Reading the table of changes in sequence order. Transactions of the state run one after the other, on PostgreSQL too, where each takes
 * one lock from before its first number to the end of its commit: so a row with a lower sequence is always seen before one with a higher,
 * and who has read up to n has missed nothing below n. (A number may be missing for ever: its transaction was rolled back.)
 */
import type { Kysely } from 'kysely';
import type { Clock } from '../clock/index.ts';
import type { Scope } from '../identity/scope.ts';
import type { State } from '../state/contract.ts';
import type { Change, ChangeKind, ChangeTables } from './contract.ts';
import { NATIONAL, receives } from './rooms.ts';

export interface ChangesOptions {
  readonly state: State;
  readonly clock: Clock;
  /** Changes are kept at least this long unless there are more than `keepRows`. */
  readonly keepMs: number;
  readonly keepRows: number;
  /** Newest changes held in memory for all sockets. */
  readonly tailRows: number;
}

export interface Page {
  readonly changes: readonly Change[];
  /** Everything up to here was looked at. */
  readonly upTo: number;
}

export interface Changes {
  /** Takes in what was committed since the last call; the newest sequence. */
  refresh(): Promise<number>;
  newest(): number;
  /** True when changes after the cursor were pruned, or the cursor is from another history. */
  lost(cursor: number): Promise<boolean>;
  /** The next changes of the scope after the cursor, oldest first, at most `limit`. */
  after(scope: Scope, cursor: number, limit: number): Promise<Page>;
  prune(): Promise<void>;
}

export function createChanges(options: ChangesOptions): Changes {
  const { state, tailRows } = options;
  const db = state.system<ChangeTables>();
  let tail: Change[] = [];
  /** The tail holds every change after this one. */
  let tailFrom = -1;
  let newest = 0;
  let refreshing: Promise<number> | undefined;

  async function readTail(): Promise<number> {
    const last = await db.selectFrom('changes').select('sequence').orderBy('sequence', 'desc').limit(1).executeTakeFirst();
    const end = last?.sequence ?? 0;
    if (tailFrom < 0 || end - newest > tailRows) {
      // At the start, or after a time without listeners: who needs the rows before reads them from the table.
      tail = [];
      newest = tailFrom = end;
      return newest;
    }
    const rows = await db.selectFrom('changes').selectAll().where('sequence', '>', newest).orderBy('sequence').execute();
    for (const row of rows) tail.push(changeOf(row));
    newest = tail.at(-1)?.sequence ?? newest;
    if (tail.length > 2 * tailRows) {
      tail = tail.slice(-tailRows);
      tailFrom = (tail[0]?.sequence ?? newest + 1) - 1;
    }
    return newest;
  }

  return {
    newest: () => newest,
    refresh() {
      refreshing ??= readTail().finally(() => (refreshing = undefined));
      return refreshing;
    },
    async lost(cursor) {
      if (cursor > newest) return true;
      if (cursor >= tailFrom) return false;
      const first = await db.selectFrom('changes').select('sequence').orderBy('sequence').limit(1).executeTakeFirst();
      return first !== undefined && cursor < first.sequence - 1;
    },
    async after(scope, cursor, limit) {
      if (cursor >= tailFrom) return fromTail(tail, { scope, cursor, limit, newest });
      const upTo = newest;
      const page = (from: Kysely<ChangeTables>) =>
        from
          .selectFrom('changes')
          .selectAll()
          .where('sequence', '>', cursor)
          .where('sequence', '<=', upTo)
          .orderBy('sequence')
          .limit(limit);
      const own = await page(state.as<ChangeTables>(scope)).where('kind', 'not in', NATIONAL).execute();
      const national = await page(db).where('kind', 'in', NATIONAL).execute();
      const rows = [...own, ...national].sort((a, b) => a.sequence - b.sequence).slice(0, limit);
      const changes = rows.map(changeOf);
      return { changes, upTo: rows.length < limit ? upTo : (changes.at(-1)?.sequence ?? upTo) };
    },
    prune: () => prune(options),
  };
}

function fromTail(
  tail: readonly Change[],
  { scope, cursor, limit, newest }: { scope: Scope; cursor: number; limit: number; newest: number },
): Page {
  const changes: Change[] = [];
  for (let i = firstAfter(tail, cursor); i < tail.length; i++) {
    const change = tail[i];
    if (change === undefined || !receives(scope, change)) continue;
    changes.push(change);
    if (changes.length === limit) return { changes, upTo: change.sequence };
  }
  return { changes, upTo: newest };
}

function firstAfter(tail: readonly Change[], cursor: number): number {
  let [low, high] = [0, tail.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((tail[middle]?.sequence ?? 0) > cursor) high = middle;
    else low = middle + 1;
  }
  return low;
}

// The newest row always stays: it says where the history stands.
async function prune({ state, clock, keepMs, keepRows }: ChangesOptions): Promise<void> {
  const db = state.system<ChangeTables>();
  const last = await db.selectFrom('changes').select('sequence').orderBy('sequence', 'desc').limit(1).executeTakeFirst();
  if (last === undefined) return;
  const before = clock.now() - keepMs;
  for (;;) {
    const old = await db
      .selectFrom('changes')
      .select('sequence')
      .where('sequence', '<', last.sequence)
      .where((where) => where.or([where('at', '<', before), where('sequence', '<=', last.sequence - keepRows)]))
      .orderBy('sequence')
      .limit(5000)
      .execute();
    const end = old.at(-1)?.sequence;
    if (end === undefined) return;
    // In small bites, so that nobody waits long for the writer.
    await db.deleteFrom('changes').where('sequence', '<=', end).where('sequence', '<', last.sequence).execute();
    if (old.length < 5000) return;
  }
}

function changeOf(row: { sequence: number; kind: ChangeKind; agency: string; key: string; body: string; at: number }): Change {
  const { agency, key } = row;
  return { sequence: row.sequence, kind: row.kind, agency, key, body: JSON.parse(row.body) as unknown, at: row.at };
}
