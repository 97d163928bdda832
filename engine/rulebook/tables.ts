/** The rulebook's migrations. */
import { sql, type ColumnDataType, type CreateTableBuilder, type Kysely } from 'kysely';
import { parseRules, placeholdersOf } from 'sigma-rules-ts';
import { ROOT_AGENCY } from '@vong/platform/identity';

type Column = readonly [name: string, type: ColumnDataType, optional?: 'optional'];

interface TableShape {
  readonly columns: readonly Column[];
  readonly key?: readonly string[];
}

async function create(db: Kysely<unknown>, name: string, { columns, key }: TableShape): Promise<void> {
  let table: CreateTableBuilder<string, string> = db.schema.createTable(name);
  for (const [column, type, optional] of columns) table = table.addColumn(column, type, (c) => (optional ? c : c.notNull()));
  if (key !== undefined) table = table.addPrimaryKeyConstraint(`${name}_pk`, [...key]);
  await table.execute();
}

export async function createRules(db: Kysely<unknown>): Promise<void> {
  await create(db, 'rules', {
    columns: [
      ['id', 'text'],
      ['title', 'text'],
      ['level', 'text'],
      ['status', 'text'],
      ['product', 'text', 'optional'],
      ['service', 'text', 'optional'],
      ['category', 'text', 'optional'],
      ['tags', 'text'],
      ['enabled', 'integer'],
      ['origin', 'text'],
      ['version', 'text'],
      ['yaml', 'text'],
      ['fault', 'text', 'optional'],
      ['updated_at', 'bigint'],
    ],
    key: ['id'],
  });
  await db.schema.createIndex('rules_title').on('rules').columns(['title', 'id']).execute();
  await create(db, 'rule_failures', {
    columns: [
      ['file', 'text'],
      ['line', 'integer', 'optional'],
      ['column', 'integer', 'optional'],
      ['code', 'text'],
      ['reason', 'text'],
      ['at', 'bigint'],
    ],
  });
  await create(db, 'rule_matches', {
    columns: [
      ['rule_id', 'text'],
      ['hour', 'bigint'],
      ['matches', 'bigint'],
    ],
    key: ['rule_id', 'hour'],
  });
}

/** Matches belong to an agency; what the detectors run, what it costs, older versions, values for placeholders. */
export async function createRunning(db: Kysely<unknown>): Promise<void> {
  await namePlaceholders(db);
  const [rule, agency]: Column[] = [
    ['rule_id', 'text'],
    ['agency', 'text'],
  ];
  if (rule === undefined || agency === undefined) return;
  await create(db, 'rule_hits', { columns: [rule, agency, ['hour', 'bigint'], ['matches', 'bigint']], key: ['rule_id', 'agency', 'hour'] });
  await create(db, 'rule_totals', { columns: [rule, agency, ['matches', 'bigint'], ['last_at', 'bigint']], key: ['rule_id', 'agency'] });
  await sql`insert into rule_hits select rule_id, ${ROOT_AGENCY}, hour, matches from rule_matches`.execute(db);
  await db.schema.dropTable('rule_matches').execute();
  await create(db, 'rule_running', {
    columns: [rule, ['version', 'text'], ['state', 'text'], ['reason', 'text', 'optional'], ['since', 'bigint']],
    key: ['rule_id'],
  });
  await create(db, 'rule_costs', { columns: [rule, ['ns', 'real'], ['share', 'real'], ['at', 'bigint']], key: ['rule_id'] });
  await create(db, 'rule_versions', {
    columns: [rule, ['version', 'text'], ['yaml', 'text'], ['until', 'bigint']],
    key: ['rule_id', 'version'],
  });
  await create(db, 'rule_values', {
    columns: [['name', 'text'], agency, ['entries', 'text'], ['replaces', 'integer'], ['updated_at', 'bigint'], ['updated_by', 'text']],
    key: ['agency', 'name'],
  });
}

async function namePlaceholders(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('rules')
    .addColumn('placeholders', 'text', (c) => c.notNull().defaultTo('[]'))
    .execute();
  const { rows } = await sql<{ id: string; yaml: string }>`select id, yaml from rules where yaml like '%|expand%'`.execute(db);
  for (const { id, yaml } of rows) {
    const rule = parseRules(yaml, id).rules.find((each) => each.id === id);
    if (rule !== undefined) await sql`update rules set placeholders = ${JSON.stringify(placeholdersOf(rule))} where id = ${id}`.execute(db);
  }
}

/** Filters stand among the rules. */
export async function addKind(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('rules')
    .addColumn('kind', 'text', (c) => c.notNull().defaultTo('rule'))
    .execute();
}

/** What was parsed of the YAML. Rows of before are filled when the detectors ask for them. The long column stands last: readers of the others pass none of it. */
export async function addParsed(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('rules')
    .addColumn('parsed_format', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  await db.schema.alterTable('rules').addColumn('parsed', 'text').execute();
}

export async function createNodes(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('rule_nodes')
    .addColumn('instance', 'text', (column) => column.primaryKey())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('since', 'bigint', (column) => column.notNull())
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .execute();
}
