/** The event store on an Elasticsearch cluster. Any number of processes may have it open. */
import { systemClock, type Clock } from '../../clock/index.ts';
import type { Logger } from '../../logger/index.ts';
import { FIELD_NAME_MAX, SEARCH_DEFAULT, SEARCH_MAX } from '../bounds.ts';
import type { ConsumerHandle, ConsumerHost } from '../consumer.ts';
import type { EventStore } from '../contract.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { EmbeddedEventStore } from '../duckdb/open.ts';
import { eventsError } from '../errors.ts';
import { describeFields, FIELD_SAMPLE } from '../fields.ts';
import { histogramOf, intervalFor } from '../histogram.ts';
import { countByTime, countByValue } from './aggregate.ts';
import { Appender } from './append.ts';
import { Elastic, readFailure } from './client.ts';
import { Feeder } from './feeder.ts';
import { clusterProblems } from './health.ts';
import { consumerHost } from './host.ts';
import { settingsOf, type ElasticOptions } from './options.ts';
import { Retention } from './retain.ts';
import { persistently } from './retry.ts';
import { Search } from './search.ts';
import { storeOf, type RejectedEvent, type Store } from './store.ts';
import { putTemplates } from './templates.ts';

export interface ElasticEventStoreOptions extends ElasticOptions {
  readonly logger?: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly clock?: Clock;
  /** Told of events that Elasticsearch would not take, before the offsets move past them. */
  readonly onRejected?: (events: readonly RejectedEvent[]) => Promise<void> | void;
}

/** The contract; consumers run as they do with the embedded store. */
export interface ElasticEventStore extends EventStore, Pick<EmbeddedEventStore, 'startConsumer'> {
  /** What a consumer in this thread runs against; `startConsumer` gives it a thread of its own. */
  readonly consumerHost: ConsumerHost;
  /** What keeps the cluster from storing and answering, in sentences; empty when nothing does. */
  problems(): Promise<readonly string[]>;
}

/** @throws EVENTS_STORE_OPTIONS, EVENTS_STORE_TEMPLATES, EVENTS_STORE_UNAVAILABLE */
export async function openElasticEventStore(options: ElasticEventStoreOptions): Promise<ElasticEventStore> {
  const { logger, clock = systemClock, onRejected = () => undefined, ...plain } = options;
  const settings = settingsOf(plain);
  const elastic = new Elastic(settings);
  const store = storeOf(elastic, settings, { clock, onRejected, note: (level, message, details) => logger?.[level](details, message) });
  try {
    await persistently(settings.patienceMs, async () => {
      await putTemplates(elastic, settings);
      await store.catalog.load();
    });
    await store.offsets.load();
  } catch (error) {
    await elastic.close();
    throw readFailure(error, settings.timeoutMs);
  }
  const appender = new Appender(store);
  const writing = feeding({ store, appender, plain });
  const retention = new Retention(store);
  let closed = false;
  return {
    ...writing.api,
    ...reading(new Search(store)),
    retain: (limits) => retention.retain(limits),
    stats: () => retention.stats(),
    problems: () => clusterProblems(elastic, settings),
    close: async () => {
      if (closed) return;
      closed = true;
      await writing.stop();
      await appender.settled();
      await elastic.close();
    },
  };
}

type Writing = Pick<ElasticEventStore, 'append' | 'indexedUpTo' | 'startConsumer' | 'consumerHost'>;

function feeding(given: { readonly store: Store; readonly appender: Appender; readonly plain: ElasticOptions }): {
  readonly api: Writing;
  stop(): Promise<void>;
} {
  const { store, appender, plain } = given;
  const feeders = new Set<Feeder>();
  const startConsumer = async (module: URL, options: unknown): Promise<ConsumerHandle> => {
    const feeder = await Feeder.start({ store: plain, module: module.href, options }, store);
    feeders.add(feeder);
    return {
      ask: (question) => feeder.ask(question),
      stop: async () => {
        feeders.delete(feeder);
        await feeder.stop();
      },
    };
  };
  const api: Writing = {
    append: async (events, upTo) => {
      await appender.append(
        events.map((event) => Buffer.from(JSON.stringify(event))),
        upTo,
      );
    },
    indexedUpTo: () => store.offsets.load(),
    startConsumer,
    consumerHost: consumerHost(store, appender),
  };
  return {
    api,
    stop: async () => {
      for (const feeder of feeders) await feeder.stop();
    },
  };
}

type Reading = Pick<ElasticEventStore, 'search' | 'count' | 'get' | 'histogram' | 'fields' | 'fieldValues'>;

function reading(search: Search): Reading {
  return {
    search: async (request, signal) => {
      const started = performance.now();
      const limit = Math.min(SEARCH_MAX, Math.max(1, Math.trunc(request.limit ?? SEARCH_DEFAULT)));
      const after = request.cursor === undefined ? undefined : decodeCursor(request.cursor);
      const query = await search.filter(request, signal);
      const found = await search.find({ query, size: limit + 1, order: request.order ?? 'newest', after, signal });
      const items = found.slice(0, limit);
      const last = items.at(-1);
      const next = found.length > limit && last !== undefined ? { next: encodeCursor({ at: last.at, id: last.eventId }) } : {};
      return { items: items.map(({ event }) => event), ...next, tookMs: performance.now() - started };
    },
    count: async (request, signal) => search.count(await search.filter(request, signal), signal),
    get: async (scope, ids) => {
      const found = new Map((await search.get(scope, ids)).map(({ event }) => [event.event.id, event]));
      return ids.map((id) => found.get(id)).filter((event) => event !== undefined);
    },
    histogram: async (request, signal) => {
      const intervalMs = intervalFor(request.range, request.buckets);
      const query = await search.filter(request, signal);
      return histogramOf(request.range, intervalMs, await countByTime(search, query, { intervalMs, signal }));
    },
    fields: async (request, signal) => {
      const query = await search.filter(request, signal);
      return describeFields((await search.find({ query, size: FIELD_SAMPLE, order: 'newest', signal })).map(({ event }) => event));
    },
    fieldValues: async (request, signal) => {
      const { field } = request;
      if (field === '' || field.length > FIELD_NAME_MAX)
        throw eventsError('EVENTS_FIELD_INVALID', { field: field.slice(0, FIELD_NAME_MAX) });
      const limit = Math.min(SEARCH_MAX, Math.max(1, Math.trunc(request.limit ?? 10)));
      return countByValue(search, await search.filter(request, signal), { field, limit, signal });
    },
  };
}
