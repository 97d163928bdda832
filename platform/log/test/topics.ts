import type { TopicConfig } from '../contract.ts';

/** The topics of the conformance suite and of its threads. */
export const TOPICS: readonly TopicConfig[] = [
  { name: 'events', partitions: 4, retention: { maxAgeMs: 1000 }, groups: ['indexer'] },
  { name: 'signals', partitions: 1, retention: {} },
  { name: 'alerts', partitions: 1, retention: { maxBytes: 4000 } },
];
