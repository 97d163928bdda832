/** What can be done with a value anywhere. A page says what it can do through `PivotContext`; the menu offers the rest always. */
import { createContext } from 'react';

export interface PivotActions {
  /** Keep only what has this value in this field. */
  readonly only?: (field: string, value: string) => void;
  /** Keep only what has another value. */
  readonly without?: (field: string, value: string) => void;
  /** Look for the value among all events. */
  readonly search?: (field: string, value: string) => void;
  /** Add it to the search made last; undefined where "only this" does that. */
  readonly add?: ((field: string, value: string) => void) | undefined;
  /** Count what is found by this field. */
  readonly group?: (field: string) => void;
  /** Every event with the value, the first one first. */
  readonly timeline?: (field: string, value: string) => void;
}

export const PivotContext = createContext<PivotActions>({});
