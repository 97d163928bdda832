/** Checks of what a scoped handle writes into the column `agency`. */
import { ColumnNode, PrimitiveValueListNode, ValueListNode, ValueNode, ValuesNode } from 'kysely';
import type { ColumnUpdateNode, InsertQueryNode, OperationNode } from 'kysely';
import { reaches, type Scope } from '../identity/scope.ts';
import { stateError } from './errors.ts';

/** Refuses rows whose agency is missing, computed or outside the scope, and statements that replace other rows. */
export function checkInsertedAgencies(scope: Scope, table: string, insert: InsertQueryNode): void {
  if (insert.replace === true || (insert.orAction !== undefined && insert.orAction.action.toLowerCase() === 'replace')) {
    throw stateError('STATE_UNSCOPABLE', { reason: 'insert or replace could delete a row of another agency' });
  }
  if (insert.values === undefined || !ValuesNode.is(insert.values)) {
    throw stateError('STATE_UNSCOPABLE', { reason: 'the agency of the inserted rows cannot be read from the statement' });
  }
  const index = (insert.columns ?? []).findIndex((column) => column.column.name.toLowerCase() === 'agency');
  for (const row of insert.values.values) checkAgency(scope, table, index < 0 ? undefined : valueAt(row, index));
}

/** Refuses to move a row to an agency outside the scope. */
export function checkAgencyChange(scope: Scope, table: string, updates: readonly ColumnUpdateNode[]): void {
  for (const { column, value } of updates) {
    if (ColumnNode.is(column) && column.column.name.toLowerCase() !== 'agency') continue;
    if (!ColumnNode.is(column)) throw stateError('STATE_UNSCOPABLE', { reason: 'an updated column is computed' });
    checkAgency(scope, table, ValueNode.is(value) ? value.value : undefined);
  }
}

function checkAgency(scope: Scope, table: string, agency: unknown): void {
  if (typeof agency === 'string' && reaches(scope, agency)) return;
  throw stateError('STATE_OUT_OF_SCOPE', { table, agency: typeof agency === 'string' ? agency : '(none given)' });
}

function valueAt(row: OperationNode, index: number): unknown {
  if (PrimitiveValueListNode.is(row)) return row.values[index];
  const node = ValueListNode.is(row) ? row.values[index] : undefined;
  return node !== undefined && ValueNode.is(node) ? node.value : undefined;
}
