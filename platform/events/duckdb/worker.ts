/** The thread that owns the DuckDB file. One per data directory; everyone else asks it by messages. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ConsumerHost, CreateConsumer, EventConsumer } from '../consumer.ts';
import { VongError } from '../../errors/index.ts';
import { eventsError } from '../errors.ts';
import { countByTime, countByValue, countEvents } from './aggregate.ts';
import { Appender } from './append.ts';
import type { Session } from './connections.ts';
import { Maintenance } from './maintain.ts';
import type { Failure, FromWorker, Method, Methods, StoreStats, ToWorker, WorkerData } from './protocol.ts';
import { Reader } from './reader.ts';
import { Storage } from './storage.ts';

type Handlers = { readonly [Name in Method]: (argument: Methods[Name][0], signal: AbortSignal) => Promise<Methods[Name][1]> };

const port = parentPort;
if (port === null) throw new Error('platform/events/duckdb/worker.ts runs as a worker thread only');
const send = (message: FromWorker): void => {
  port.postMessage(message);
};
// oxlint-disable-next-line no-unsafe-type-assertion -- checked by what produced it
const data = workerData as WorkerData;
const running = new Map<number, AbortController>();

async function start(): Promise<Handlers> {
  const storage = await Storage.open(data.storage, (note) => {
    send({ note });
  });
  const maintenance = new Maintenance(storage);
  const appender = new Appender(storage, () => maintenance.kick());
  const reader = new Reader(storage);
  const read = <Result>(signal: AbortSignal, body: (session: Session) => Promise<Result>): Promise<Result> =>
    storage.readers.run({ signal, timeoutMs: data.timeoutMs }, body);
  await maintenance.kick();
  return {
    ...consumers(storage, appender),
    append: async ({ records, upTo }) => {
      await appender.append(
        records.map((record) => Buffer.from(record)),
        upTo,
      );
      return null;
    },
    appendJson: async ({ lines, upTo }) => {
      await appender.append(linesOf(lines), upTo);
      return null;
    },
    offsets: async () => storage.offsets(),
    find: (find, signal) => read(signal, (session) => reader.find(find, session)),
    get: ({ ids, agencies }, signal) => read(signal, (session) => reader.get(ids, agencies, session)),
    count: (filter, signal) => read(signal, (session) => countEvents(storage, { filter, session })),
    histogram: ({ filter, intervalMs }, signal) => read(signal, (session) => countByTime(storage, { filter, session }, intervalMs)),
    values: ({ filter, ...given }, signal) => read(signal, (session) => countByValue(storage, { filter, session }, given)),
    removeBefore: ({ before, age }) => maintenance.removeBefore(before, age),
    flush: () => maintenance.flush().then(() => null),
    stats: () => stats(storage),
    close: async () => {
      for (const controller of running.values()) controller.abort();
      await maintenance.stop();
      // What can not be written out now comes from the log again.
      await maintenance.flush().catch((error: unknown) => {
        send({ note: { level: 'warn', message: 'the newest events were not written out', details: { reason: String(error) } } });
      });
      await storage.close();
      return null;
    },
  };
}

function linesOf(bytes: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(0x0a, from);
    const to = end < 0 ? bytes.length : end;
    if (to > from) found.push(bytes.subarray(from, to));
    from = to + 1;
  }
  return found;
}

function consumers(storage: Storage, appender: Appender): Pick<Handlers, 'startConsumer' | 'stopConsumer' | 'askConsumer'> {
  let consumer: EventConsumer | undefined;
  const host: ConsumerHost = {
    append: (records, upTo) => appender.append(records, upTo),
    indexedUpTo: () => storage.offsets(),
    durableUpTo: () => storage.durableOffsets(),
    warn: (message, details) => {
      send({ note: { level: 'warn', message, details } });
    },
  };
  return {
    startConsumer: async ({ module, options }) => {
      // oxlint-disable-next-line no-unsafe-type-assertion -- checked by what produced it
      const loaded = (await import(module)) as { readonly createConsumer: CreateConsumer };
      consumer = await loaded.createConsumer(host, options);
      return null;
    },
    stopConsumer: async () => {
      await consumer?.stop();
      consumer = undefined;
      return null;
    },
    askConsumer: async ({ question }) => consumer?.ask(question),
  };
}

async function stats(storage: Storage): Promise<StoreStats> {
  const parts = storage.manifest.current().filter((part) => part.events > 0);
  const events = parts.reduce((sum, part) => sum + part.events, 0);
  const bytes = await storage.bytes();
  if (events === 0) return { events, bytes };
  return { events, bytes, oldest: Math.min(...parts.map((part) => part.from)), newest: Math.max(...parts.map((part) => part.to)) };
}

function failureOf(error: unknown): Failure {
  if (error instanceof VongError) return { code: error.code, details: error.details, message: error.message };
  return { message: error instanceof Error ? error.message : String(error) };
}

async function answer(handlers: Handlers, message: ToWorker): Promise<void> {
  if ('cancel' in message) {
    running.get(message.cancel)?.abort();
    return;
  }
  const controller = new AbortController();
  running.set(message.call, controller);
  try {
    // Each handler takes what its own method declares; the caller's types hold the two together.
    // oxlint-disable-next-line no-unsafe-type-assertion -- checked by what produced it
    const handle = handlers[message.method] as ((argument: unknown, signal: AbortSignal) => Promise<unknown>) | undefined;
    if (handle === undefined) throw eventsError('EVENTS_STORE_FAILED', { reason: `no method ${message.method}` });
    send({ answer: message.call, result: await handle(message.argument, controller.signal) });
  } catch (error) {
    send({ answer: message.call, error: failureOf(error) });
  } finally {
    running.delete(message.call);
  }
  if (message.method === 'close') port?.close();
}

try {
  const handlers = await start();
  port.on('message', (message: ToWorker) => {
    void answer(handlers, message);
  });
  send({ ready: true });
} catch (error) {
  send({ failed: failureOf(error).message });
  port.close();
}
