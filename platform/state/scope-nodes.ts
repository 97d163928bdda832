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

/** The table as the scope sees it, in the place of the table itself. */
export function boundedSource(scope: Scope, { name, alias }: NamedTable, original: OperationNode): OperationNode {
  if (scope.agencies === 'all') return original;
  const rows = builder.selectFrom(name).selectAll().where(condition(scope.agencies, name)).toOperationNode();
  return marked(AliasNode.create(rows, IdentifierNode.create(alias)), scope.agencies);
}

/** The condition added to what is there; what is there is put in parentheses, because it may be a raw `a or b`. */
export function boundedWhere(scope: Scope, alias: string, where: WhereNode | undefined): WhereNode | undefined {
  if (scope.agencies === 'all') return where;
  const bound = marked(condition(scope.agencies, alias).toOperationNode(), scope.agencies);
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

const lists = new WeakMap<ReadonlySet<string>, string>();

/** One parameter however many agencies: a province has hundreds, the statement stays one and prepared. */
function condition(agencies: ReadonlySet<string>, table: string) {
  const column = sql.ref<string>(`${table}.agency`);
  const [only] = agencies;
  if (agencies.size === 1 && only !== undefined) return sql<boolean>`${column} = ${only}`;
  let list = lists.get(agencies);
  if (list === undefined) {
    list = JSON.stringify([...agencies]);
    lists.set(agencies, list);
  }
  return sql<boolean>`${column} in (select value from json_each(${list}))`;
}
