/**
 * Who receives what. A room is an agency: a socket stands in the rooms of its scope (its own agency and all below), and a change
 * goes to the room of its agency. Rules are one set for every agency: whoever is signed in hears that one has changed. This is the
 * only place that decides it for pushes; what is read from the table goes through `state.as(scope)`, which says the same of agencies.
 */
import { reaches, type Scope } from '../identity/scope.ts';
import type { Change, ChangeKind } from './contract.ts';

/** Kinds that are no agency's: their changes say which thing has changed, and nothing of it. */
export const NATIONAL: readonly ChangeKind[] = ['rule'];

export function receives(scope: Scope, change: Pick<Change, 'agency' | 'kind'>): boolean {
  return reaches(scope, change.agency) || NATIONAL.includes(change.kind);
}
