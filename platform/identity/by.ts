import type { Scope } from './scope.ts';

/** Who asks for a change, and from which address: what every change needs for its check and its audit entry. */
export interface By {
  readonly scope: Scope;
  readonly from?: string;
}
