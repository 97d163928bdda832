/** The view is the URL: reading and changing its search parameters, and moving between views. */
import { useCallback } from 'react';
import { useNavigate, useSearch } from '@tanstack/react-router';

export interface Move {
  /** A new entry in the browser's history (default), or the current one changed. */
  readonly replace?: boolean;
}

/**
 * The search parameters of the current route (as its `search` validated them) and a setter that changes some of them.
 * `undefined` removes a parameter. Typing into a filter should use `replace` so that Back leaves the view, not a letter.
 */
export function useView<View extends object>(): [
  View,
  (change: Partial<{ [Key in keyof View]: View[Key] | undefined }>, move?: Move) => void,
] {
  const view: unknown = useSearch({ strict: false });
  const navigate = useNavigate();
  const change = useCallback(
    (part: Partial<{ [Key in keyof View]: View[Key] | undefined }>, move: Move = {}) => {
      void navigate({
        to: '.',
        replace: move.replace ?? false,
        search: (before: object) => withoutUndefined({ ...before, ...part }),
      });
    },
    [navigate],
  );
  // The route tree is put together from features at run time: the router's types do not reach here, its validation does.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as said above
  return [view as View, change];
}

/** Goes to another view. The chosen agency stays. */
export function useGo(): (path: string, search?: Readonly<Record<string, unknown>>, move?: Move) => void {
  const navigate = useNavigate();
  return useCallback(
    (path, search = {}, move = {}) => {
      void navigate({ to: path, search: withoutUndefined({ ...search }), replace: move.replace ?? false });
    },
    [navigate],
  );
}

/** The agency chosen in the top bar (`?agency=`); undefined means everything in reach. */
export function useAgency(): string | undefined {
  const view: { agency?: unknown } = useSearch({ strict: false });
  return typeof view.agency === 'string' ? view.agency : undefined;
}

function withoutUndefined(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined && part !== ''));
}
