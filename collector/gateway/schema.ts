/** Tables of the gateway. Times in milliseconds since the epoch; an agent's token only as SHA-256. */
import type { Kysely } from 'kysely';
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
  lag_ms: number | null;
  /** `AgentStatus` as last reported, JSON. */
  status: string | null;
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
  dead_letters: DeadLetterRow;
  /** How far the topic `dead-letters` is in the table, stored with the rows. */
  dead_letter_offsets: { partition: number; next: number };
}

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

export const agentsModule: StateModule = {
  name: 'gateway',
  migrations: { '2026-11-22-gateway-01': { up } },
  scoped: ['agents', 'dead_letters'],
};
