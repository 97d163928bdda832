/**
 * Bounds every query of a scoped handle to the scope's agencies. A scoped table that is read is replaced by
 * `(select * from t where agency in reach)`, wherever it stands (joins of any kind, subqueries, CTEs, set operations), so that no
 * shape of query can look around it; updates and deletes get the condition; inserts and changes of `agency` are checked.
 * Raw SQL may compute with columns, never name a scoped table.
 */
import {
  OperationNodeTransformer,
  type DeleteQueryNode,
  type FromNode,
  type InsertQueryNode,
  type JoinNode,
  type KyselyPlugin,
  type OnConflictNode,
  type OperationNode,
  type PluginTransformQueryArgs,
  type QueryId,
  type RawNode,
  type RootOperationNode,
  type UpdateQueryNode,
  type CommonTableExpressionNameNode,
} from 'kysely';
import type { Scope } from '../identity/scope.ts';
import { stateError } from './errors.ts';
import { checkAgencyChange, checkInsertedAgencies } from './scope-writes.ts';
import { boundedSource, boundedWhere, isBounded, tableOf, type Membership } from './scope-nodes.ts';

export type { Membership };

const ALLOWED_ROOTS = new Set(['SelectQueryNode', 'InsertQueryNode', 'UpdateQueryNode', 'DeleteQueryNode']);

export class ScopePlugin implements KyselyPlugin {
  readonly #transformer: ScopeTransformer;

  constructor(scope: Scope, scopedTables: ReadonlySet<string>, membership: Membership) {
    this.#transformer = new ScopeTransformer(scope, scopedTables, membership);
  }

  transformQuery({ node }: PluginTransformQueryArgs): RootOperationNode {
    if (node.kind === 'RawNode') throw stateError('STATE_RAW_SQL', { reason: 'the whole statement is raw' });
    if (!ALLOWED_ROOTS.has(node.kind)) throw stateError('STATE_UNSCOPABLE', { reason: `${node.kind} is for system() only` });
    return this.#transformer.transformNode(node);
  }

  async transformResult({ result }: Parameters<KyselyPlugin['transformResult']>[0]) {
    return result;
  }
}

class ScopeTransformer extends OperationNodeTransformer {
  readonly #scope: Scope;
  readonly #tables: ReadonlySet<string>;
  readonly #membership: Membership;

  constructor(scope: Scope, scopedTables: ReadonlySet<string>, membership: Membership) {
    super();
    this.#membership = membership;
    this.#scope = scope;
    this.#tables = scopedTables;
  }

  override transformNode<Node extends OperationNode | undefined>(node: Node, queryId?: QueryId): Node {
    return node !== undefined && isBounded(node, this.#scope) ? node : super.transformNode(node, queryId);
  }

  protected override transformFrom(node: FromNode): FromNode {
    const from = super.transformFrom(node);
    return { ...from, froms: from.froms.map((item) => this.#source(item)) };
  }

  protected override transformJoin(node: JoinNode): JoinNode {
    const join = super.transformJoin(node);
    return { ...join, table: this.#source(join.table) };
  }

  protected override transformUpdateQuery(node: UpdateQueryNode): UpdateQueryNode {
    const update = super.transformUpdateQuery(node);
    const target = tableOf(update.table);
    if (target === undefined) throw stateError('STATE_UNSCOPABLE', { reason: 'an update needs one plain table' });
    if (!this.#isScoped(target.name)) return update;
    checkAgencyChange(this.#scope, target.name, update.updates ?? []);
    return { ...update, ...this.#bounded(target.alias, update.where) };
  }

  protected override transformDeleteQuery(node: DeleteQueryNode): DeleteQueryNode {
    const [from, ...others] = node.from.froms;
    const target = tableOf(from);
    if (target === undefined || others.length > 0 || node.using !== undefined || node.joins !== undefined) {
      throw stateError('STATE_UNSCOPABLE', { reason: 'a delete needs one plain table' });
    }
    // The target itself must stay a table: only what stands in the conditions is transformed.
    const rest = super.transformDeleteQuery({ ...node, from: { ...node.from, froms: [] } });
    const remove = { ...rest, from: node.from };
    return this.#isScoped(target.name) ? { ...remove, ...this.#bounded(target.alias, remove.where) } : remove;
  }

  protected override transformInsertQuery(node: InsertQueryNode): InsertQueryNode {
    const insert = super.transformInsertQuery(node);
    const target = tableOf(insert.into);
    if (target === undefined) throw stateError('STATE_UNSCOPABLE', { reason: 'an insert needs a table' });
    if (!this.#isScoped(target.name)) return insert;
    checkInsertedAgencies(this.#scope, target.name, insert);
    return insert.onConflict === undefined ? insert : { ...insert, onConflict: this.#boundedConflict(target.name, insert.onConflict) };
  }

  protected override transformCommonTableExpressionName(node: CommonTableExpressionNameNode): CommonTableExpressionNameNode {
    const name = node.table.table.identifier.name;
    if (this.#isScoped(name)) throw stateError('STATE_UNSCOPABLE', { reason: `a common table expression hides the table ${name}` });
    return super.transformCommonTableExpressionName(node);
  }

  protected override transformRaw(node: RawNode): RawNode {
    const text = node.sqlFragments.join(' ');
    if (/\bselect\b/i.test(text)) throw stateError('STATE_RAW_SQL', { reason: 'it contains a select' });
    for (const [word] of text.matchAll(/\w+/g)) this.#refuseRawName(word);
    for (const parameter of node.parameters) this.#refuseRawName(nameOf(parameter));
    return super.transformRaw(node);
  }

  #boundedConflict(table: string, node: OnConflictNode): OnConflictNode {
    if (node.updates === undefined) return node;
    checkAgencyChange(this.#scope, table, node.updates);
    const where = boundedWhere(this.#scope, this.#membership, { alias: table, where: node.updateWhere });
    return where === undefined ? node : { ...node, updateWhere: where };
  }

  #bounded(alias: string, where: UpdateQueryNode['where']): Pick<UpdateQueryNode, 'where'> {
    const bounded = boundedWhere(this.#scope, this.#membership, { alias, where });
    return bounded === undefined ? {} : { where: bounded };
  }

  #source(node: OperationNode): OperationNode {
    if (node.kind === 'ListNode') throw stateError('STATE_UNSCOPABLE', { reason: 'a list of tables' });
    const named = tableOf(node);
    return named !== undefined && this.#isScoped(named.name) ? boundedSource(this.#scope, this.#membership, { named, node }) : node;
  }

  #refuseRawName(name: string | undefined): void {
    if (name !== undefined && this.#isScoped(name)) throw stateError('STATE_RAW_SQL', { reason: `it names the table ${name}` });
  }

  /** SQLite's table names do not differ by case, nor do PostgreSQL's without quotes. */
  #isScoped(name: string): boolean {
    return this.#tables.has(name.toLowerCase());
  }
}

function nameOf(node: OperationNode): string | undefined {
  if (node.kind === 'IdentifierNode' && 'name' in node && typeof node.name === 'string') return node.name;
  return tableOf(node)?.name;
}
