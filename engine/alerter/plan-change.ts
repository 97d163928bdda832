/** What a person's change does to an alert. Pure. */
import type { AlertChange } from '../contracts.ts';
import { alertError } from './errors.ts';
import type { AlertRow } from './schema.ts';

type Triaged = Pick<AlertRow, 'status' | 'assignee_id' | 'assignee_name' | 'verdict' | 'verdict_reason'>;

export interface Assignee {
  readonly id: string;
  readonly name: string;
}

export interface PlannedChange {
  readonly set: Partial<Triaged>;
  /** Field of the contract → [before, after]; empty when nothing changes. */
  readonly changes: Record<string, [unknown, unknown]>;
}

/** `assignee`: undefined leaves it, null takes it away. */
export function plannedChange(row: AlertRow, change: Omit<AlertChange, 'version'>, assignee: Assignee | null | undefined): PlannedChange {
  const { status = row.status, verdict, reason } = change;
  if (change.status === undefined && assignee === undefined && verdict === undefined && reason === undefined) {
    throw alertError('ALERT_NO_CHANGE');
  }
  // An alert that is opened again is undecided again, unless the change says otherwise.
  const reopened = row.status === 'closed' && status !== 'closed';
  const next: Triaged = {
    status,
    assignee_id: assignee === undefined ? row.assignee_id : (assignee?.id ?? null),
    assignee_name: assignee === undefined ? row.assignee_name : (assignee?.name ?? null),
    verdict: verdict === undefined ? (reopened ? null : row.verdict) : verdict,
    verdict_reason: textOrNull(reason, reopened || verdict === null ? null : row.verdict_reason),
  };
  if (status === 'closed' && (next.verdict === null || next.verdict_reason === null)) throw alertError('ALERT_CLOSING_INCOMPLETE');
  return { set: next, changes: differences(row, next) };
}

function textOrNull(text: string | undefined, otherwise: string | null): string | null {
  if (text === undefined) return otherwise;
  return text.trim() === '' ? null : text;
}

function differences(before: Triaged, after: Triaged): PlannedChange['changes'] {
  const changes: PlannedChange['changes'] = {};
  const note = (field: string, was: unknown, is: unknown): void => {
    if (was !== is) changes[field] = [was, is];
  };
  note('status', before.status, after.status);
  if (before.assignee_id !== after.assignee_id) changes['assignee'] = [personOf(before), personOf(after)];
  note('verdict', before.verdict, after.verdict);
  note('verdictReason', before.verdict_reason, after.verdict_reason);
  return changes;
}

function personOf({ assignee_id: id, assignee_name: name }: Triaged): Assignee | null {
  return id === null ? null : { id, name: name ?? id };
}
