/** The pieces of syntax tree the scope plugin puts into queries. */
import {
  AliasNode,
  DummyDriver,
  IdentifierNode,
  Kysely,
  ParensNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  TableNode,
  WhereNode,
  sql,
  type OperationNode,
  type RawBuilder,
} from 'kysely';
import type { Scope } from '../identity/scope.ts';

/** Only builds trees; it has no database. */
const builder = new Kysely<Record<string, { agency: string }>>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

export interface NamedTable {
  readonly name: string;
  readonly alias: string;
}

/** The table behind a plain or aliased table node; undefined for anything else. */
export function tableOf(node: OperationNode | undefined): NamedTable | undefined {
  if (node === undefined) return undefined;
  if (TableNode.is(node)) return { name: node.table.identifier.name, alias: node.table.identifier.name };
  if (!AliasNode.is(node) || !TableNode.is(node.node)) return undefined;
  const name = node.node.table.identifier.name;
  return { name, alias: IdentifierNode.is(node.alias) ? node.alias.name : name };
}

/** The condition that a column of text holds one of these agencies, with one parameter: a province has hundreds. */
export type Membership = (column: RawBuilder<string>, agencies: ReadonlySet<string>) => RawBuilder<boolean>;

/** The table as the scope sees it, in the place of the table itself. */
export function boundedSource(scope: Scope, membership: Membership, table: { readonly named: NamedTable; readonly node: OperationNode }) {
  if (scope.agencies === 'all') return table.node;
  const { name, alias } = table.named;
  const rows = builder
    .selectFrom(name)
    .selectAll()
    .where(condition(scope.agencies, name, membership))
    .toOperationNode();
  return marked(AliasNode.create(rows, IdentifierNode.create(alias)), scope.agencies);
}

/** The condition added to what is there; what is there is put in parentheses, because it may be a raw `a or b`. */
export function boundedWhere(
  scope: Scope,
  membership: Membership,
  { alias, where }: { readonly alias: string; readonly where: WhereNode | undefined },
): WhereNode | undefined {
  if (scope.agencies === 'all') return where;
  const bound = marked(condition(scope.agencies, alias, membership).toOperationNode(), scope.agencies);
  if (where === undefined) return WhereNode.create(bound);
  return WhereNode.cloneWithOperation(WhereNode.create(ParensNode.create(where.where)), 'And', bound);
}

/** Nodes made here, and for which reach: a query used inside another is transformed twice and must be bounded once. */
const made = new WeakMap<OperationNode, ReadonlySet<string>>();

export function isBounded(node: OperationNode, scope: Scope): boolean {
  return made.get(node) === scope.agencies;
}

function marked<Node extends OperationNode>(node: Node, agencies: ReadonlySet<string>): Node {
  made.set(node, agencies);
  return node;
}

function condition(agencies: ReadonlySet<string>, table: string, membership: Membership): RawBuilder<boolean> {
  const column = sql.ref<string>(`${table}.agency`);
  const [only] = agencies;
  return agencies.size === 1 && only !== undefined ? sql<boolean>`${column} = ${only}` : membership(column, agencies);
}

const jsonLists = new WeakMap<ReadonlySet<string>, string>();

/** `Membership` of SQLite: the statement stays one, and prepared. */
export function inJsonList(column: RawBuilder<string>, agencies: ReadonlySet<string>): RawBuilder<boolean> {
  const list = jsonLists.get(agencies) ?? JSON.stringify([...agencies]);
  jsonLists.set(agencies, list);
  return sql<boolean>`${column} in (select value from json_each(${list}))`;
}

const arrays = new WeakMap<ReadonlySet<string>, readonly string[]>();

/** `Membership` of PostgreSQL. */
export function inArray(column: RawBuilder<string>, agencies: ReadonlySet<string>): RawBuilder<boolean> {
  const list = arrays.get(agencies) ?? [...agencies];
  arrays.set(agencies, list);
  return sql<boolean>`${column} = any(${list})`;
}
