export { createIndexer } from './indexer.ts';
export type { Indexer, IndexerOptions } from './indexer.ts';
export { INDEXER_GROUP, type Counters } from './consumer.ts';
