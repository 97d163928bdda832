/**
 * Who receives what. A room is an agency: a socket stands in the rooms of its scope (its own agency and all below), and a change
 * goes to the room of its agency. This is the only place that decides it for pushes; what is read from the table goes through
 * `state.as(scope)`, which says the same.
 */
import { reaches, type Scope } from '../identity/scope.ts';
import type { Change } from './contract.ts';

export function receives(scope: Scope, change: Pick<Change, 'agency'>): boolean {
  return reaches(scope, change.agency);
}
