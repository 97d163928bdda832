import type { TopicConfig } from '@vong/platform/log';

/** Enough for the cores of one machine; a topic's partitions are fixed when it is made. */
const PARTITIONS = 4;
/** Dead letters live on in the state once they are read; the topic keeps a copy for a while. */
const SIDE_TOPIC_BYTES = 1024 ** 3;

/** The log's topics as one machine has them, and who must have read a record before age removes it. `null`: no limit. */
export function embeddedTopics(limits: { readonly maxAgeMs: number | null; readonly maxBytes: number | null }): TopicConfig[] {
  const age = limits.maxAgeMs === null ? {} : { maxAgeMs: limits.maxAgeMs };
  const size = limits.maxBytes === null ? {} : { maxBytes: limits.maxBytes };
  const side = { ...age, maxBytes: SIDE_TOPIC_BYTES };
  return [
    { name: 'events', partitions: PARTITIONS, retention: { ...age, ...size }, groups: ['detector', 'indexer'] },
    { name: 'signals', partitions: PARTITIONS, retention: side, groups: ['alerter'] },
    { name: 'dead-letters', partitions: 1, retention: side, groups: ['dead-letter-table'] },
  ];
}
