/** Short messages at the lower left: what was done, with Undo for ten seconds, or what failed, with what can be done about it. */
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'done' | 'failed';
  /** Milliseconds on the clock of `performance.now()` when it goes away. */
  readonly until: number;
  readonly undo?: () => void;
  readonly offer?: Offer;
}

/** What a person may do about a failure. */
export interface Offer {
  readonly label: string;
  readonly run: () => void;
}

export const UNDO_MS = 10_000;
const FAILED_MS = 8000;
/** Longer where there is something to decide. */
const OFFER_MS = 30_000;

export interface ToastBoard {
  readonly list: () => readonly Toast[];
  readonly subscribe: (listener: () => void) => () => void;
  /** Says what was done; `undo` is offered for ten seconds. */
  readonly done: (text: string, undo?: () => void) => void;
  readonly failed: (text: string, offer?: Offer) => void;
  readonly dismiss: (id: number) => void;
  /** Runs the newest Undo still on offer; false when there is none. */
  readonly undoLast: () => boolean;
  /** Drops what has had its time. */
  readonly expire: () => void;
}

export function createToasts(now: () => number): ToastBoard {
  let toasts: readonly Toast[] = [];
  let last = 0;
  const listeners = new Set<() => void>();
  const become = (next: readonly Toast[]): void => {
    if (next.length === toasts.length && next.every((toast, at) => toast === toasts[at])) return;
    toasts = next;
    for (const listener of listeners) listener();
  };
  const add = (toast: Omit<Toast, 'id'>): void => {
    last += 1;
    become([...toasts.slice(-3), { ...toast, id: last }]);
  };
  const dismiss = (id: number): void => become(toasts.filter((toast) => toast.id !== id));
  return {
    list: () => toasts,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    done: (text, undo) => add({ text, tone: 'done', until: now() + UNDO_MS, ...(undo ? { undo } : {}) }),
    failed: (text, offer) => add({ text, tone: 'failed', until: now() + (offer ? OFFER_MS : FAILED_MS), ...(offer ? { offer } : {}) }),
    dismiss,
    undoLast: () => {
      const newest = toasts.findLast((toast) => toast.undo !== undefined && toast.until > now());
      if (!newest) return false;
      dismiss(newest.id);
      newest.undo?.();
      return true;
    },
    expire: () => become(toasts.filter((toast) => toast.until > now())),
  };
}

export const toasts = createToasts(() => performance.now());
