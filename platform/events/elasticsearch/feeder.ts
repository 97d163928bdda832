/** The other end of the feeding thread. */
import { Worker } from 'node:worker_threads';
import type { ConsumerHandle } from '../consumer.ts';
import { eventsError, EVENTS_ERRORS, type EventsErrorCode } from '../errors.ts';
import type { FeederData, FromFeeder, ToFeeder } from './protocol.ts';
import type { Surroundings } from './store.ts';

interface Waiting {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

export class Feeder implements ConsumerHandle {
  private readonly worker: Worker;
  private readonly around: Surroundings;
  private readonly waiting = new Map<number, Waiting>();
  private calls = 0;
  private over: Error | undefined;

  private constructor(data: FeederData, around: Surroundings) {
    this.around = around;
    this.worker = new Worker(new URL('feeder-worker.ts', import.meta.url), { workerData: data, name: 'event-feeder' });
    this.worker.on('message', (message: FromFeeder) => this.take(message));
    this.worker.on('error', (error: unknown) => {
      this.end(eventsError('EVENTS_STORE_FAILED', { reason: error instanceof Error ? error.message : String(error) }));
    });
    this.worker.on('exit', () => this.end(eventsError('EVENTS_CLOSED')));
  }

  static async start(data: FeederData, around: Surroundings): Promise<Feeder> {
    const feeder = new Feeder(data, around);
    await feeder.wait(0);
    return feeder;
  }

  ask(question: string): Promise<unknown> {
    const call = ++this.calls;
    return this.call({ call, question });
  }

  async stop(): Promise<void> {
    if (this.over !== undefined) return;
    const call = ++this.calls;
    await this.call({ call, stop: true });
    await this.worker.terminate();
  }

  private call(message: Extract<ToFeeder, { readonly call: number }>): Promise<unknown> {
    if (this.over !== undefined) return Promise.reject(this.over);
    const answer = this.wait(message.call);
    this.worker.postMessage(message);
    return answer;
  }

  private wait(call: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.waiting.set(call, { resolve, reject });
    });
  }

  private take(message: FromFeeder): void {
    if ('note' in message) this.around.note(...message.note);
    else if ('rejected' in message) void this.reject(message.rejected, message.events);
    else {
      const waiting = this.waiting.get(message.answer);
      this.waiting.delete(message.answer);
      if ('result' in message) waiting?.resolve(message.result);
      else waiting?.reject(errorOf(message.error));
    }
  }

  private async reject(call: number, events: Parameters<Surroundings['onRejected']>[0]): Promise<void> {
    const reply = (message: ToFeeder): void => this.worker.postMessage(message);
    try {
      await this.around.onRejected(events);
      reply({ noted: call });
    } catch (error) {
      reply({ noted: call, error: error instanceof Error ? error.message : String(error) });
    }
  }

  private end(error: Error): void {
    this.over ??= error;
    for (const waiting of this.waiting.values()) waiting.reject(this.over);
    this.waiting.clear();
  }
}

function errorOf({ code, details, message }: Extract<FromFeeder, { readonly error: object }>['error']): Error {
  // oxlint-disable-next-line no-unsafe-type-assertion -- checked by what produced it
  if (code !== undefined && Object.hasOwn(EVENTS_ERRORS, code)) return eventsError(code as EventsErrorCode, details);
  return eventsError('EVENTS_STORE_FAILED', { reason: message });
}
