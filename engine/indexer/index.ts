export { createIndexer } from './indexer.ts';
export type { Indexer, IndexerOptions } from './indexer.ts';
export type { Counters } from './consumer.ts';
