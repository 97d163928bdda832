import {
  apiVersionsV3,
  consumerGroupHeartbeatV1,
  fetchV12,
  findCoordinatorV4,
  offsetCommitV9,
  offsetFetchV8,
  produceV11,
} from '@platformatic/kafka';
import { logError } from '../errors.ts';
import type { Cluster } from './cluster.ts';

/** The requests whose versions are fixed here and that not every Kafka knows. */
const NEEDED = {
  Produce: produceV11.api,
  Fetch: fetchV12.api,
  FindCoordinator: findCoordinatorV4.api,
  OffsetCommit: offsetCommitV9.api,
  OffsetFetch: offsetFetchV8.api,
  ConsumerGroupHeartbeat: consumerGroupHeartbeatV1.api,
};

/** Rejects with LOG_TOO_OLD where the brokers do not speak what is spoken here: they would only hang up. */
export async function checkVersions(cluster: Pick<Cluster, 'persist' | 'askAny'>): Promise<void> {
  const { apiKeys } = await cluster.persist(async () => await cluster.askAny(apiVersionsV3.api, 'vong-gac', '1'));
  const known = new Map(apiKeys.map((each) => [each.apiKey, each]));
  const missing = Object.entries(NEEDED).filter(([, { key, version }]) => {
    const spoken = known.get(key);
    return spoken === undefined || version < spoken.minVersion || version > spoken.maxVersion;
  });
  if (missing.length === 0) return;
  throw logError('LOG_TOO_OLD', { requests: missing.map(([name, { version }]) => `${name} ${version}`).join(', ') });
}
