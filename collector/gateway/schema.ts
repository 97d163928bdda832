/** Tables of the gateway. Times in milliseconds since the epoch; an agent's token only as SHA-256. */
import type { Kysely } from 'kysely';
import type { ChangeTables } from '@vong/platform/live';
import type { StateModule } from '@vong/platform/state';

export interface AgentRow {
  id: string;
  agency: string;
  name: string;
  token_hash: string;
  created_at: number;
  revoked_at: number | null;
  last_seen_at: number | null;
  received: number;
  dead_lettered: number;
  duplicates: number;
  last_sequence: number;
  /** `AgentStatus` as last reported, JSON. */
  status: string | null;
  /** When that was. */
  status_at: number | null;
}

/** What one of several gateways counts of an agent, as of `at`. */
export interface AgentRateRow {
  agent: string;
  gateway: string;
  agency: string;
  at: number;
  events_per_second: number;
  /** Median of the last minute, and when the newest of its batches came. */
  lag_ms: number | null;
  lag_at: number | null;
}

export interface DeadLetterRow {
  id: string;
  agency: string;
  agent: string;
  agent_name: string;
  code: string;
  reason: string;
  at: number;
  /** Length of the record as it came. */
  bytes: number;
  preview: string;
  raw: Uint8Array;
  /** What the agent said about the record, JSON; null when the line itself could not be read. */
  envelope: string | null;
  replayed_at: number | null;
  replay_error: string | null;
}

export interface GatewayTables {
  agents: AgentRow;
  agent_rates: AgentRateRow;
  /** The batch of counts each gateway stored last. */
  gateway_flushes: { gateway: string; last: string; at: number };
  dead_letters: DeadLetterRow;
  /** How far the topic `dead-letters` is in the table, stored with the rows. */
  dead_letter_offsets: { partition: number; next: number };
}

/** Changes of agents are told in the transaction that makes them. */
export type AgentTables = GatewayTables & ChangeTables;

async function up(db: Kysely<GatewayTables>): Promise<void> {
  await db.schema
    .createTable('agents')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('agency', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('token_hash', 'text', (column) => column.notNull().unique())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('revoked_at', 'bigint')
    .addColumn('last_seen_at', 'bigint')
    .addColumn('received', 'bigint', (column) => column.notNull())
    .addColumn('dead_lettered', 'bigint', (column) => column.notNull())
    .addColumn('duplicates', 'bigint', (column) => column.notNull())
    .addColumn('last_sequence', 'bigint', (column) => column.notNull())
    .addColumn('lag_ms', 'bigint')
    .addColumn('status', 'text')
    .execute();
  await db.schema.createIndex('agents_agency').on('agents').columns(['agency', 'name']).execute();
  await db.schema
    .createTable('dead_letters')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('agency', 'text', (column) => column.notNull())
    .addColumn('agent', 'text', (column) => column.notNull())
    .addColumn('agent_name', 'text', (column) => column.notNull())
    .addColumn('code', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('bytes', 'bigint', (column) => column.notNull())
    .addColumn('preview', 'text', (column) => column.notNull())
    .addColumn('raw', 'blob', (column) => column.notNull())
    .addColumn('envelope', 'text')
    .addColumn('replayed_at', 'bigint')
    .addColumn('replay_error', 'text')
    .execute();
  await db.schema.createIndex('dead_letters_newest').on('dead_letters').columns(['at', 'id']).execute();
  await db.schema.createIndex('dead_letters_agent').on('dead_letters').columns(['agent', 'at']).execute();
  await db.schema
    .createTable('dead_letter_offsets')
    .addColumn('partition', 'integer', (column) => column.primaryKey())
    .addColumn('next', 'bigint', (column) => column.notNull())
    .execute();
}

/** Several gateways count the same agent: what each sees now stands beside the sums. */
async function upShared(db: Kysely<GatewayTables>): Promise<void> {
  await db.schema.alterTable('agents').dropColumn('lag_ms').execute();
  await db.schema.alterTable('agents').addColumn('status_at', 'bigint').execute();
  await db.schema
    .createTable('agent_rates')
    .addColumn('agent', 'text', (column) => column.notNull())
    .addColumn('gateway', 'text', (column) => column.notNull())
    .addColumn('agency', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('events_per_second', 'real', (column) => column.notNull())
    .addColumn('lag_ms', 'bigint')
    .addColumn('lag_at', 'bigint')
    .addPrimaryKeyConstraint('agent_rates_key', ['agent', 'gateway'])
    .execute();
  await db.schema
    .createTable('gateway_flushes')
    .addColumn('gateway', 'text', (column) => column.primaryKey())
    .addColumn('last', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
}

export const agentsModule: StateModule = {
  name: 'gateway',
  migrations: { '2026-11-22-gateway-01': { up }, '2026-11-22-gateway-02': { up: upShared } },
  scoped: ['agents', 'agent_rates', 'dead_letters'],
};
