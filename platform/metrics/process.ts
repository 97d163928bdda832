import { collectDefaultMetrics, type Registry } from 'prom-client';

/** Adds what any Node process can say of itself: processor time, memory, delay of the event loop, garbage collection, open files. */
export function registerProcessMetrics(register: Registry): void {
  collectDefaultMetrics({ register });
}
