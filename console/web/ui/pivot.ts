/** What can be done with a value anywhere. A page says what it can do through `PivotContext`; the menu offers the rest always. */
import { createContext } from 'react';

export interface PivotActions {
  /** Keep only what has this value in this field. */
  readonly only?: (field: string, value: string) => void;
  /** Keep only what has another value. */
  readonly without?: (field: string, value: string) => void;
  /** Look for the value among all events. */
  readonly search?: (field: string, value: string) => void;
}

export const PivotContext = createContext<PivotActions>({});
