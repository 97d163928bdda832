/** The thread that makes documents of events and sends them, so that doing so holds up nobody else. Has a connection of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../clock/index.ts';
import { VongError } from '../../errors/index.ts';
import type { CreateConsumer, EventConsumer } from '../consumer.ts';
import type { Failure } from '../duckdb/protocol.ts';
import { Appender } from './append.ts';
import { Elastic } from './client.ts';
import { consumerHost } from './host.ts';
import { settingsOf } from './options.ts';
import type { FeederData, FromFeeder, ToFeeder } from './protocol.ts';
import { storeOf } from './store.ts';

const port = parentPort;
if (port === null) throw new Error('platform/events/elasticsearch/feeder-worker.ts runs as a worker thread only');
const send = (message: FromFeeder): void => {
  port.postMessage(message);
};
// oxlint-disable-next-line no-unsafe-type-assertion -- checked by what produced it
const data = workerData as FeederData;
const noting = new Map<number, { resolve(): void; reject(error: Error): void }>();
let rejections = 0;

async function start(): Promise<{ readonly consumer: EventConsumer; readonly elastic: Elastic }> {
  const settings = settingsOf(data.store);
  const elastic = new Elastic(settings);
  const store = storeOf(elastic, settings, {
    clock: systemClock,
    note: (...note) => send({ note }),
    onRejected: (events) =>
      new Promise((resolve, reject) => {
        const rejected = ++rejections;
        noting.set(rejected, { resolve, reject });
        send({ rejected, events });
      }),
  });
  await store.offsets.load();
  // oxlint-disable-next-line no-unsafe-type-assertion -- checked by what produced it
  const loaded = (await import(data.module)) as { readonly createConsumer: CreateConsumer };
  return { consumer: await loaded.createConsumer(consumerHost(store, new Appender(store)), data.options), elastic };
}

function failureOf(error: unknown): Failure {
  if (error instanceof VongError) return { code: error.code, details: error.details, message: error.message };
  return { message: error instanceof Error ? error.message : String(error) };
}

type Running = Awaited<ReturnType<typeof start>>;

async function answer({ consumer, elastic }: Running, message: Exclude<ToFeeder, { readonly noted: number }>): Promise<void> {
  try {
    if ('question' in message) send({ answer: message.call, result: await consumer.ask(message.question) });
    else {
      await consumer.stop();
      await elastic.close();
      send({ answer: message.call, result: null });
      port?.close();
    }
  } catch (error) {
    send({ answer: message.call, error: failureOf(error) });
  }
}

let running: Running | undefined;
port.on('message', (message: ToFeeder) => {
  if ('noted' in message) {
    const waiting = noting.get(message.noted);
    noting.delete(message.noted);
    if (message.error === undefined) waiting?.resolve();
    else waiting?.reject(new Error(message.error));
  } else if (running !== undefined) void answer(running, message);
});
try {
  running = await start();
  send({ answer: 0, result: null });
} catch (error) {
  send({ answer: 0, error: failureOf(error) });
  port.close();
}
