import { describeLogDirsV4 } from '@platformatic/kafka';
import type { Cluster } from './cluster.ts';

/** Bytes each partition takes on the broker that leads it; a broker that cannot say leaves its own out. */
export async function partitionBytes(cluster: Cluster, topic: string, partitions: readonly number[]): Promise<Map<number, number>> {
  const groups = Map.groupBy(partitions, (partition) => cluster.leader(topic, partition));
  const parts = await Promise.all(
    [...groups].map(async ([node, own]) => {
      if (node === undefined) return [];
      const answer = await cluster.ask({ node }, describeLogDirsV4.api, [{ name: topic, partitions: own }]).catch(() => undefined);
      const found = (answer?.results ?? []).flatMap(({ topics }) => topics).flatMap((each) => each.partitions);
      return found.map(({ partitionIndex, partitionSize }) => [partitionIndex, Number(partitionSize)] as const);
    }),
  );
  return new Map(parts.flat());
}
