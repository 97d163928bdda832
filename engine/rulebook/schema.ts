/** The rulebook's tables. Rules are national: one set for every agency, changed only from the root of the tree. */
import type { Kysely } from 'kysely';
import type { StateModule } from '@vong/platform/state';

export interface RuleRow {
  id: string;
  title: string;
  level: string;
  status: string;
  product: string | null;
  service: string | null;
  category: string | null;
  /** JSON array. */
  tags: string;
  enabled: number;
  /** Pack or file the rule came from. */
  origin: string;
  /** SHA-256 of the YAML, 12 hex digits. */
  version: string;
  yaml: string;
  /** Why the engine switched it off, if it did. */
  fault: string | null;
  updated_at: number;
}

export interface RuleTables {
  rules: RuleRow;
  rule_failures: { file: string; line: number | null; column: number | null; code: string; reason: string; at: number };
  rule_matches: { rule_id: string; hour: number; matches: number };
}

export const rulebookModule: StateModule = {
  name: 'rulebook',
  scoped: [],
  migrations: {
    '2026-11-22-rulebook-01': {
      async up(db: Kysely<unknown>) {
        await db.schema
          .createTable('rules')
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('title', 'text', (c) => c.notNull())
          .addColumn('level', 'text', (c) => c.notNull())
          .addColumn('status', 'text', (c) => c.notNull())
          .addColumn('product', 'text')
          .addColumn('service', 'text')
          .addColumn('category', 'text')
          .addColumn('tags', 'text', (c) => c.notNull())
          .addColumn('enabled', 'integer', (c) => c.notNull())
          .addColumn('origin', 'text', (c) => c.notNull())
          .addColumn('version', 'text', (c) => c.notNull())
          .addColumn('yaml', 'text', (c) => c.notNull())
          .addColumn('fault', 'text')
          .addColumn('updated_at', 'bigint', (c) => c.notNull())
          .execute();
        await db.schema.createIndex('rules_title').on('rules').columns(['title', 'id']).execute();
        await db.schema
          .createTable('rule_failures')
          .addColumn('file', 'text', (c) => c.notNull())
          .addColumn('line', 'integer')
          .addColumn('column', 'integer')
          .addColumn('code', 'text', (c) => c.notNull())
          .addColumn('reason', 'text', (c) => c.notNull())
          .addColumn('at', 'bigint', (c) => c.notNull())
          .execute();
        await db.schema
          .createTable('rule_matches')
          .addColumn('rule_id', 'text', (c) => c.notNull())
          .addColumn('hour', 'bigint', (c) => c.notNull())
          .addColumn('matches', 'bigint', (c) => c.notNull())
          .addPrimaryKeyConstraint('rule_matches_pk', ['rule_id', 'hour'])
          .execute();
      },
    },
  },
};
