/** The embedded event store: DuckDB in a worker thread of its own. */
import { mkdir } from 'node:fs/promises';
import type { Aggregable, EventStore } from '../contract.ts';
import { DAY_MS, FIELD_NAME_MAX, SEARCH_DEFAULT, SEARCH_MAX } from '../bounds.ts';
import type { ConsumerHandle } from '../consumer.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { EcsEvent } from '../ecs.ts';
import { eventsError } from '../errors.ts';
import { describeFields, FIELD_SAMPLE } from '../fields.ts';
import { histogramOf, intervalFor } from '../histogram.ts';
import { refuseExpensive } from '../kql/cost.ts';
import { parseKql } from '../kql/index.ts';
import type { Logger } from '../../logger/index.ts';
import type { Scope } from '../../identity/scope.ts';
import { StoreClient } from './client.ts';
import type { Filter, StoredEvent } from './reader.ts';

export interface EventStoreOptions {
  /** A directory of the store's own; made when missing. */
  readonly path: string;
  /** What DuckDB may use for itself, default 384 MB; the process takes about 1.5 times that. */
  readonly memoryBytes?: number;
  /** Threads that one query, or the writing of one segment, uses; default 1, which costs a quarter less CPU per event stored than 2. */
  readonly threads?: number;
  /** Longest time a query may take, ms; default 15,000. */
  readonly timeoutMs?: number;
  /** Bytes of events kept in the database file before they are written out; default 32 MiB, less where memory is short. */
  readonly hotBytes?: number;
  /** Most events that a search may look at value by value where it gives no time range; default 50 million. */
  readonly scanEvents?: number;
  readonly logger?: Pick<Logger, 'info' | 'warn' | 'error'>;
}

const HOT_BYTES = 32 * 1024 * 1024;
/** Three hot tables may stand at once (one open, two waiting), each taking about 1.5 times its bytes; batches and files need the rest. */
const HOT_SHARE = 0.1;

/** The contract, and what only the embedded store can do. */
export interface EmbeddedEventStore extends EventStore {
  /** As `append`, from NDJSON in UTF-8. The buffer is handed over: the caller must not use it again. */
  appendJson(lines: Uint8Array<ArrayBuffer>, upTo: Parameters<EventStore['append']>[1]): Promise<void>;
  /** Runs the module's `createConsumer` inside the store's thread (see `consumer.ts`). `module` is a file URL. */
  startConsumer(module: URL, options: unknown): Promise<ConsumerHandle>;
  /** Writes everything out to day segments now. */
  flush(): Promise<void>;
}

/** @throws EVENTS_STORE_FAILED when the directory is in use by another process or can not be written. */
export async function openEventStore(options: EventStoreOptions): Promise<EmbeddedEventStore> {
  await mkdir(options.path, { recursive: true });
  const { path, memoryBytes = 384e6, threads = 1, timeoutMs = 15_000, logger } = options;
  const hotBytes = options.hotBytes ?? Math.min(HOT_BYTES, memoryBytes * HOT_SHARE);
  const client = await StoreClient.start({ storage: { path, memoryBytes, threads, hotBytes }, timeoutMs }, (note) => {
    logger?.[note.level](note.details, note.message);
  });
  return { ...writing(client), ...reading(client, options.scanEvents), ...keeping(client) };
}

function writing(client: StoreClient): Pick<EmbeddedEventStore, 'append' | 'appendJson' | 'startConsumer' | 'indexedUpTo'> {
  return {
    append: async (events, upTo) => {
      await client.call('append', { records: events.map((event) => JSON.stringify(event)), upTo });
    },
    appendJson: async (lines, upTo) => {
      const own = lines.byteLength === lines.buffer.byteLength ? lines : lines.slice();
      await client.call('appendJson', { lines: own, upTo }, { transfer: [own.buffer] });
    },
    indexedUpTo: () => client.call('offsets', null),
    startConsumer: async (module, options) => {
      await client.call('startConsumer', { module: module.href, options });
      return {
        ask: (question) => client.call('askConsumer', { question }),
        stop: async () => {
          await client.call('stopConsumer', null);
        },
      };
    },
  };
}

function reading(
  client: StoreClient,
  scanEvents?: number,
): Pick<EmbeddedEventStore, 'search' | 'count' | 'get' | 'histogram' | 'fields' | 'fieldValues'> {
  const events = async (): Promise<number> => (await client.call('stats', null)).events;
  const filterOf = async (request: Aggregable): Promise<Filter> => {
    const filter = plainFilterOf(request);
    await refuseExpensive(filter.node, { range: filter.range, limit: scanEvents, events });
    return filter;
  };
  return {
    search: async (request, signal) => {
      const started = performance.now();
      const limit = Math.min(SEARCH_MAX, Math.max(1, Math.trunc(request.limit ?? SEARCH_DEFAULT)));
      const after = request.cursor === undefined ? {} : { after: decodeCursor(request.cursor) };
      const found = await client.call(
        'find',
        { ...(await filterOf(request)), limit: limit + 1, order: request.order ?? 'newest', ...after },
        given(signal),
      );
      const items = found.slice(0, limit);
      const last = items.at(-1);
      const next = found.length > limit && last !== undefined ? { next: encodeCursor(last) } : {};
      return { items: items.map(eventOf), ...next, tookMs: performance.now() - started };
    },
    count: async (request, signal) => client.call('count', await filterOf(request), given(signal)),
    get: async (scope, ids) => {
      const found = await client.call('get', { ids: ids.slice(0, SEARCH_MAX), agencies: agenciesOf(scope) });
      const byId = new Map(found.map((event) => [event.id, event]));
      return ids
        .map((id) => byId.get(id))
        .filter((event) => event !== undefined)
        .map(eventOf);
    },
    histogram: async (request, signal) => {
      const intervalMs = intervalFor(request.range, request.buckets);
      const filter = await filterOf(request);
      return histogramOf(request.range, intervalMs, await client.call('histogram', { filter, intervalMs }, given(signal)));
    },
    fields: async (request, signal) => {
      const found = await client.call('find', { ...(await filterOf(request)), limit: FIELD_SAMPLE, order: 'newest' }, given(signal));
      return describeFields(found.map(eventOf));
    },
    fieldValues: async (request, signal) => {
      const { field } = request;
      if (field === '' || field.length > FIELD_NAME_MAX)
        throw eventsError('EVENTS_FIELD_INVALID', { field: field.slice(0, FIELD_NAME_MAX) });
      if (field === 'event.original') throw eventsError('EVENTS_FIELD_NOT_COUNTED', { field });
      const limit = Math.min(SEARCH_MAX, Math.max(1, Math.trunc(request.limit ?? 10)));
      return client.call('values', { filter: await filterOf(request), field, limit }, given(signal));
    },
  };
}

function keeping(client: StoreClient): Pick<EmbeddedEventStore, 'retain' | 'stats' | 'flush' | 'close'> {
  return {
    retain: async ({ before, maxBytes }) => {
      const deletedDays = before === undefined ? [] : [...(await client.call('removeBefore', { before, age: 'received' }))];
      for (;;) {
        const { bytes, oldest, newest } = await client.call('stats', null);
        if (maxBytes === undefined || bytes <= maxBytes || oldest === undefined || newest === undefined) break;
        const next = (Math.floor(oldest / DAY_MS) + 1) * DAY_MS;
        // The newest day is never removed: what just arrived must be searchable.
        if (next > newest) break;
        deletedDays.push(...(await client.call('removeBefore', { before: next, age: 'happened' })));
      }
      return { deletedDays };
    },
    stats: () => client.call('stats', null),
    flush: async () => {
      await client.call('flush', null);
    },
    close: () => client.close(),
  };
}

function given(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function agenciesOf(scope: Scope): Filter['agencies'] {
  return scope.agencies === 'all' ? 'all' : [...scope.agencies];
}

function plainFilterOf(request: Aggregable): Filter {
  const { range } = request;
  if (range !== undefined && !(Number.isFinite(range.from) && Number.isFinite(range.to) && range.from < range.to)) {
    throw eventsError('EVENTS_RANGE_INVALID');
  }
  const node = parseKql(request.query);
  return { agencies: agenciesOf(request.scope), node, ...(range === undefined ? {} : { range }) };
}

/** Puts the raw record back where it was. What the store holds is what `append` was given. */
function eventOf(stored: StoredEvent): EcsEvent {
  // oxlint-disable-next-line no-unsafe-type-assertion -- checked by what produced it
  const event = JSON.parse(stored.doc) as EcsEvent;
  if (stored.original !== null) event.event.original = stored.original;
  return event;
}
