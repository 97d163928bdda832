/** The audit trail: who changed what, when, from where. Entries are added and read, never changed. */
import type { Transaction } from 'kysely';
import { systemClock } from '../clock/index.ts';
import type { State } from '../state/contract.ts';
import type { AuditEntry } from './contracts.ts';
import type { AuditTables } from './schema.ts';
import type { Actor, Scope } from './scope.ts';

export interface AuditRecord {
  /** Who did it: the scope of the request, or an actor where there is none (a service, a failed sign-in). */
  readonly scope?: Scope;
  readonly actor?: Actor;
  /** `<thing>.<verb>`, e.g. `alert.change`. */
  readonly action: string;
  /** Id of the thing. */
  readonly target: string;
  /** Agency the thing belongs to; decides who can read the entry. */
  readonly agency: string;
  /** What changed. Never a secret, a password or a whole request. */
  readonly details?: Record<string, unknown>;
  /** Address the request came from. */
  readonly from?: string;
  /** Milliseconds since the epoch; the caller's clock. Default: the system clock. */
  readonly at?: number;
}

const SYSTEM: Actor = { kind: 'system', id: 'system', name: 'system' };
const MAX_DETAILS = 16_384;

/**
 * Writes one entry in the caller's transaction, so that a change and its entry are stored together or not at all.
 * A scoped transaction refuses an agency outside its scope.
 */
export async function recordAudit<Tables>(trx: Transaction<Tables>, record: AuditRecord): Promise<void> {
  const actor = record.scope?.actor ?? record.actor ?? SYSTEM;
  const details = JSON.stringify(record.details ?? {});
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one database holds the tables of every domain: a caller's own table type need not name the trail
  const trail = trx as unknown as Transaction<AuditTables>;
  await trail
    .insertInto('audit')
    .values({
      at: record.at ?? systemClock.now(),
      agency: record.agency,
      actor_kind: actor.kind,
      actor_id: actor.id,
      actor_name: actor.name,
      action: record.action,
      target: record.target,
      details: details.length > MAX_DETAILS ? JSON.stringify({ cut: details.slice(0, MAX_DETAILS) }) : details,
      origin: record.from ?? null,
    })
    .execute();
}

export interface AuditQuery {
  /** Id or name of the actor. */
  readonly actor?: string | undefined;
  /** An action, or a thing (`alert` finds `alert.change`). */
  readonly action?: string | undefined;
  readonly target?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

/** Newest first. */
export async function listAudit(state: State, scope: Scope, query: AuditQuery): Promise<{ items: AuditEntry[]; next?: string }> {
  const limit = query.limit ?? 100;
  let select = state.as<AuditTables>(scope).selectFrom('audit').selectAll();
  const { actor, action } = query;
  if (actor !== undefined) select = select.where((where) => where.or([where('actor_id', '=', actor), where('actor_name', '=', actor)]));
  if (action !== undefined) {
    // '.' to '/' is the range of every `<action>.…`, without a pattern a caller could write into.
    select = select.where((where) =>
      where.or([where('action', '=', action), where.and([where('action', '>', `${action}.`), where('action', '<', `${action}/`)])]),
    );
  }
  if (query.target !== undefined) select = select.where('target', '=', query.target);
  if (query.from !== undefined) select = select.where('at', '>=', query.from);
  if (query.to !== undefined) select = select.where('at', '<', query.to);
  if (query.cursor !== undefined) select = select.where('sequence', '<', Number(query.cursor));
  const rows = await select
    .orderBy('sequence', 'desc')
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit).map(entryOf);
  const last = items.at(-1);
  return rows.length > limit && last ? { items, next: last.id } : { items };
}

function entryOf(row: Omit<AuditTables['audit'], 'sequence'> & { sequence: number }): AuditEntry {
  return {
    id: String(row.sequence),
    at: row.at,
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
    agency: row.agency,
    action: row.action,
    target: row.target,
    details: detailsOf(row.details),
    ...(row.origin === null ? {} : { from: row.origin }),
  };
}

function detailsOf(text: string): Record<string, unknown> {
  const details: unknown = JSON.parse(text);
  return typeof details === 'object' && details !== null ? { ...details } : {};
}
