/** The one place of the console that reads the clock; components that show relative times re-render from here. */
import { useSyncExternalStore } from 'react';

let current = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    current = Date.now();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Milliseconds since the epoch, a new value every second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => current);
}

/** Milliseconds since the epoch, now: for event handlers, never while rendering. */
export function now(): number {
  return Date.now();
}
