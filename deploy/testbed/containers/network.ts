/** A network on which containers find each other by name; it ends with this process like them. */
import { randomUUID } from 'node:crypto';
import { getContainerRuntimeClient } from 'testcontainers';
import { keptLabel } from './keeper.ts';

export interface ContainerNetwork {
  readonly id: string;
  /** Once its containers are gone. */
  remove(): Promise<void>;
}

export async function startNetwork(): Promise<ContainerNetwork> {
  const client = await getContainerRuntimeClient();
  const network = await client.network.create({ Name: `vong-${randomUUID()}`, Driver: 'bridge', Labels: { ...keptLabel() } });
  return { id: network.id, remove: async () => void (await network.remove()) };
}
