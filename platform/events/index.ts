export type * from './contract.ts';
export type * from './ecs.ts';
export type { ConsumerHandle, ConsumerHost, CreateConsumer, EventConsumer } from './consumer.ts';
export { openEventStore } from './duckdb/open.ts';
export type { EmbeddedEventStore, EventStoreOptions } from './duckdb/open.ts';
export { EVENTS_ERRORS, eventsError } from './errors.ts';
export { evaluateKql, parseKql } from './kql/index.ts';
export type { KqlNode } from './kql/index.ts';
