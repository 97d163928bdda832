/** The alerter's tables. Times in milliseconds since the epoch. Every table but the offsets belongs to an agency and is scoped. */
import type { Generated, Kysely } from 'kysely';
import type { ChangeTables } from '@vong/platform/live';
import type { StateModule } from '@vong/platform/state';
import { SEVERITIES, type AlertStatus, type Severity, type Verdict } from '../contracts.ts';
import { addPartition, createCorrelations, type CorrelationTables } from './correlation/schema.ts';

export interface AlertRow {
  id: string;
  agency: string;
  grp: string;
  rule_id: string;
  rule_title: string;
  /** The version of the rule that matched last. */
  rule_version: string | null;
  /** 5 critical … 1 informational: grows with what should be looked at first. */
  severity: number;
  tags: string;
  host: string;
  user_name: string;
  /** Title, host and user in lower case: what `q` looks into. */
  search: string;
  status: AlertStatus;
  assignee_id: string | null;
  assignee_name: string | null;
  verdict: Verdict | null;
  verdict_reason: string | null;
  count: number;
  first: number;
  last: number;
  created_at: number;
  updated_at: number;
  /** Grows with each change by a person; events that join leave it, or a busy alert could never be changed. */
  version: number;
  happened: number;
  collected: number;
  received: number;
  detected: number;
  alerted: number;
}

export interface AlertTables extends ChangeTables, CorrelationTables {
  alerts: AlertRow;
  alert_events: { signal_id: string; alert_id: string; event_id: string; agency: string; happened: number; rule_version: string | null };
  alert_history: {
    sequence: Generated<number>;
    alert_id: string;
    agency: string;
    at: number;
    actor_kind: string;
    actor_id: string;
    actor_name: string;
    kind: 'created' | 'changed' | 'comment';
    comment: string | null;
    changes: string | null;
  };
  /** The alerter's place in the topic `signals`, stored with the alerts it made up to there. */
  alert_offsets: { partition: number; next: number };
  /** The tree and the people, which `platform/identity` keeps: read here, never written. */
  agencies: { agency: string; path: string };
  users: { id: string; agency: string; display_name: string; disabled: number };
}

const RANKS: Record<Severity, number> = { critical: 5, high: 4, medium: 3, low: 2, informational: 1 };
const BY_RANK = new Map(SEVERITIES.map((level) => [RANKS[level], level]));

export function rankOf(level: Severity): number {
  return RANKS[level];
}

export function levelOf(rank: number): Severity {
  return BY_RANK.get(rank) ?? 'informational';
}

async function createAlerts(db: Kysely<AlertTables>): Promise<void> {
  let table = db.schema.createTable('alerts').addColumn('id', 'text', (column) => column.primaryKey());
  const texts = ['agency', 'grp', 'rule_id', 'rule_title', 'tags', 'host', 'user_name', 'search', 'status'];
  const numbers = [
    'count',
    'first',
    'last',
    'created_at',
    'updated_at',
    'version',
    'happened',
    'collected',
    'received',
    'detected',
    'alerted',
  ];
  for (const name of texts) table = table.addColumn(name, 'text', (column) => column.notNull());
  for (const name of ['assignee_id', 'assignee_name', 'verdict', 'verdict_reason']) table = table.addColumn(name, 'text');
  table = table.addColumn('severity', 'integer', (column) => column.notNull());
  for (const name of numbers) table = table.addColumn(name, 'bigint', (column) => column.notNull());
  await table.execute();
}

/** The agency at the end lets the scope be checked without looking at the alert itself. */
const INDICES: Readonly<Record<string, readonly (keyof AlertRow)[]>> = {
  alerts_group: ['grp', 'status'],
  alerts_newest: ['created_at', 'id', 'agency'],
  alerts_status_newest: ['status', 'created_at', 'id', 'agency'],
  alerts_severity: ['severity', 'created_at', 'id', 'agency'],
  alerts_status_severity: ['status', 'severity', 'created_at', 'id', 'agency'],
  alerts_count: ['count', 'created_at', 'id', 'agency'],
  alerts_status_count: ['status', 'count', 'created_at', 'id', 'agency'],
  alerts_facets: ['agency', 'status', 'severity'],
  alerts_assignee: ['assignee_id', 'created_at', 'id'],
  alerts_host: ['host', 'created_at', 'id'],
  alerts_rule: ['rule_id', 'created_at', 'id'],
};

async function createRest(db: Kysely<AlertTables>): Promise<void> {
  await db.schema
    .createTable('alert_events')
    .addColumn('signal_id', 'text', (column) => column.primaryKey())
    .addColumn('alert_id', 'text', (column) => column.notNull().references('alerts.id'))
    .addColumn('event_id', 'text', (column) => column.notNull())
    .addColumn('agency', 'text', (column) => column.notNull())
    .addColumn('happened', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('alert_events_alert').on('alert_events').columns(['alert_id', 'happened', 'event_id']).execute();
  await db.schema
    .createTable('alert_history')
    .addColumn('sequence', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('alert_id', 'text', (column) => column.notNull().references('alerts.id'))
    .addColumn('agency', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('actor_kind', 'text', (column) => column.notNull())
    .addColumn('actor_id', 'text', (column) => column.notNull())
    .addColumn('actor_name', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('comment', 'text')
    .addColumn('changes', 'text')
    .execute();
  await db.schema.createIndex('alert_history_alert').on('alert_history').columns(['alert_id', 'sequence']).execute();
  await db.schema
    .createTable('alert_offsets')
    .addColumn('partition', 'integer', (column) => column.primaryKey())
    .addColumn('next', 'bigint', (column) => column.notNull())
    .execute();
}

export const alertsModule: StateModule = {
  name: 'alerts',
  scoped: ['alerts', 'alert_events', 'alert_history', 'alert_correlations'],
  migrations: {
    '2026-11-22-alerts-01': {
      async up(db: Kysely<AlertTables>) {
        await createAlerts(db);
        for (const [name, columns] of Object.entries(INDICES)) {
          await db.schema
            .createIndex(name)
            .on('alerts')
            .columns([...columns])
            .execute();
        }
        await createRest(db);
      },
    },
    '2026-11-22-alerts-correlations': {
      async up(db: Kysely<AlertTables>) {
        await createCorrelations(db);
      },
    },
    '2026-11-22-alerts-02-rule-version': {
      async up(db: Kysely<AlertTables>) {
        for (const table of ['alerts', 'alert_events']) await db.schema.alterTable(table).addColumn('rule_version', 'text').execute();
      },
    },
    '2026-11-22-alerts-correlations-partition': {
      async up(db: Kysely<AlertTables>) {
        await addPartition(db);
      },
    },
  },
};
