/** Which tables of the state are moved, and what changes on the way because it spoke of the node's own log. */
import { NO_PARTITION } from '@vong/engine/alerter';
import { compareTable, copyTables, type Compared, type Row, type StateFile, type StateTables, type TableShape } from '@vong/platform/state';

const OF_PROCESSES = 'what running processes say of themselves';

/** Not moved, and why. */
export const LEFT_BEHIND: Readonly<Record<string, string>> = {
  migrations: 'the cluster runs its own',
  moves: 'the cluster notes the move itself',
  alert_offsets: 'places in the log of the node; the cluster begins where its own log does',
  dead_letter_offsets: 'places in the log of the node; the cluster begins where its own log does',
  agent_rates: OF_PROCESSES,
  correlation_reports: OF_PROCESSES,
  gateway_flushes: OF_PROCESSES,
  rule_nodes: OF_PROCESSES,
  stage_reports: OF_PROCESSES,
};

/**
 * Parts of correlations were counted from partitions of the node's log: in the cluster they belong to none, so that whoever reads
 * the next signal of their group goes on with them.
 */
const CHANGED: Readonly<Record<string, (row: Row) => Row>> = {
  correlation_state: (row) => ({ ...row, partition: NO_PARTITION }),
};

interface States {
  readonly from: StateFile;
  readonly to: StateTables;
  readonly onRows?: (count: number) => void;
}

function moved({ tables }: StateFile): TableShape[] {
  return tables.filter(({ name }) => !Object.hasOwn(LEFT_BEHIND, name));
}

export async function copyState(states: States): Promise<{ written: number; removed: number }> {
  return await copyTables(moved(states.from), { ...states, changeOf: (table) => CHANGED[table] });
}

/** Numbers that were given once are never given again, also those of rows that are gone. */
export async function carryNumbers({ from, to }: States): Promise<void> {
  for (const { name, numbered } of moved(from)) if (numbered !== undefined) await to.numberFrom(name, numbered);
}

export async function compareState(states: States): Promise<Compared[]> {
  const compared: Compared[] = [];
  for (const table of moved(states.from)) compared.push(await compareTable({ ...states, table, change: CHANGED[table.name] }));
  return compared;
}

/** Names of migrations that ran on the node's state. */
export function migrationsOf(file: StateFile): string[] {
  const table = file.tables.find(({ name }) => name === 'migrations');
  return table === undefined ? [] : [...file.all(table)].flat().map(({ name }) => String(name));
}

/** Partition → next offset, of a table of places. */
export function placesIn(file: StateFile, name: string): ReadonlyMap<number, number> {
  const table = file.tables.find((each) => each.name === name);
  const rows = table === undefined ? [] : [...file.all(table)].flat();
  return new Map(rows.map(({ partition, next }) => [Number(partition), Number(next)]));
}
