/** Makes events searchable. */
import { createIndexer } from '@vong/engine/indexer';
import type { Node } from './node.ts';
import type { FedEventStore } from './parts.ts';

export function indexerRole({ source, metrics, stages, life }: Node, events: FedEventStore) {
  const indexer = createIndexer({ log: source, events, registry: metrics, onStages: (delta) => stages.merge(delta, { pass: true }) });
  life.onStop('indexer', () => indexer.stop());
  return indexer;
}
