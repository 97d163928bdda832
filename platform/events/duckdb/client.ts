/** The other end of the worker: calls, cancellation, and an orderly end. */
import { Worker } from 'node:worker_threads';
import { eventsError, EVENTS_ERRORS, type EventsErrorCode } from '../errors.ts';
import type { Failure, FromWorker, Method, Methods, ToWorker, WorkerData } from './protocol.ts';
import type { Note } from './storage.ts';

/** Waits for the answer to a call; call 0 is the start. */
interface Waiting {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

export class StoreClient {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private readonly exited: Promise<void>;
  private calls = 0;
  private over: Error | undefined;

  private constructor(worker: Worker, note: (note: Note) => void) {
    this.worker = worker;
    worker.on('message', (message: FromWorker) => {
      if ('note' in message) note(message.note);
      else if ('ready' in message) this.settle({ answer: 0, result: null });
      else if ('failed' in message) this.settle({ answer: 0, error: { message: message.failed } });
      else this.settle(message);
    });
    worker.on('error', (error: unknown) => {
      this.end(eventsError('EVENTS_STORE_FAILED', { reason: error instanceof Error ? error.message : String(error) }, error));
    });
    this.exited = new Promise((resolve) => {
      worker.on('exit', () => {
        this.end(eventsError('EVENTS_CLOSED'));
        resolve();
      });
    });
  }

  static async start(data: WorkerData, note: (note: Note) => void): Promise<StoreClient> {
    const worker = new Worker(new URL('worker.ts', import.meta.url), {
      workerData: data,
      name: 'event-store',
      // Rows live outside the heap; what is left of a batch (ids, times) fits in this.
      resourceLimits: { maxYoungGenerationSizeMb: 32 },
    });
    const client = new StoreClient(worker, note);
    await new Promise<void>((resolve, reject) => {
      client.waiting.set(0, { resolve: () => resolve(), reject });
    });
    client.waiting.delete(0);
    return client;
  }

  call<Name extends Method>(
    method: Name,
    argument: Methods[Name][0],
    options: { signal?: AbortSignal; transfer?: ArrayBuffer[] } = {},
  ): Promise<Methods[Name][1]> {
    if (this.over !== undefined) return Promise.reject(this.over);
    const call = ++this.calls;
    const { signal } = options;
    if (signal?.aborted === true) return Promise.reject(eventsError('EVENTS_QUERY_CANCELLED'));
    return new Promise<Methods[Name][1]>((resolve, reject) => {
      const cancel = (): void => {
        this.post({ cancel: call });
      };
      const done = (): void => {
        signal?.removeEventListener('abort', cancel);
        this.waiting.delete(call);
      };
      this.waiting.set(call, {
        resolve: (result) => {
          done();
          resolve(result);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      });
      this.post({ call, method, argument }, options.transfer);
      signal?.addEventListener('abort', cancel);
    });
  }

  async close(): Promise<void> {
    if (this.over === undefined) await this.call('close', null);
    await this.exited;
  }

  private post(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  private settle(message: Extract<FromWorker, { readonly answer: number }>): void {
    const waiting = this.waiting.get(message.answer);
    if (waiting === undefined) return;
    if ('error' in message) waiting.reject(errorOf(message.error));
    else waiting.resolve(message.result);
  }

  private end(error: Error): void {
    this.over ??= error;
    for (const waiting of this.waiting.values()) waiting.reject(this.over);
  }
}

function errorOf(failure: Failure): Error {
  const { code } = failure;
  // oxlint-disable-next-line no-unsafe-type-assertion -- checked by what produced it
  if (code !== undefined && Object.hasOwn(EVENTS_ERRORS, code)) return eventsError(code as EventsErrorCode, failure.details);
  return eventsError('EVENTS_STORE_FAILED', { reason: failure.message });
}
