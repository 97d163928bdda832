import type { TopicConfig } from '@vong/platform/log';

/** Enough for the cores of one machine; a topic's partitions are fixed when it is made. */
const PARTITIONS = 4;
/** Dead letters live on in the state once they are read; the topic keeps a copy for a while. */
const SIDE_TOPIC_BYTES = 1024 ** 3;

export interface TopicLimits {
  /** `null`: no limit. */
  readonly maxAgeMs: number | null;
  readonly maxBytes: number | null;
  /** Of `events` and `signals`; default as many as one machine needs. */
  readonly partitions?: number;
  /** Also `alerts`, for those who follow alerts outside the console. */
  readonly alerts?: boolean;
}

/** The log's topics, and who must have read a record before age removes it. */
export function topicsOf(limits: TopicLimits): TopicConfig[] {
  const { partitions = PARTITIONS } = limits;
  const age = limits.maxAgeMs === null ? {} : { maxAgeMs: limits.maxAgeMs };
  const size = limits.maxBytes === null ? {} : { maxBytes: limits.maxBytes };
  const side = { ...age, maxBytes: SIDE_TOPIC_BYTES };
  return [
    { name: 'events', partitions, retention: { ...age, ...size }, groups: ['detector', 'indexer'] },
    { name: 'signals', partitions, retention: side, groups: ['alerter'] },
    ...(limits.alerts === true ? [{ name: 'alerts', partitions: 1, retention: {} } as const] : []),
    { name: 'dead-letters', partitions: 1, retention: side, groups: ['dead-letter-table'] },
  ];
}
