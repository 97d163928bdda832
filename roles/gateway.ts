/** The front door's work, for the role that receives batches and for the console, which manages agents and dead letters. */
import { createGateway, gatewayApi } from '@vong/collector/gateway';
import type { Scope } from '@vong/platform/identity';
import type { Node } from './node.ts';

export function openGateway(node: Node, lagRecords: () => Promise<number>) {
  const { base, source, log, live, signals, metrics, identity, config, life, agents } = node;
  const gateway = createGateway({
    ...base,
    log,
    live,
    signals,
    // Several processes on one state: each shows what the others count.
    shared: config.postgres !== undefined,
    metrics,
    narrow: async (scope: Scope, agency: string) => await identity.narrow(scope, agency),
    worker: { log: source.kind === 'embedded' ? { ...source, minFreeBytes: config.minFreeBytes } : source },
    lagRecords,
  });
  life.onStop('gateway', () => gateway.close());
  agents.verify = async (token) => await gateway.agents.verifyToken(token);
  return gateway;
}

export function gatewayRole({ http }: Node, gateway: ReturnType<typeof openGateway>): void {
  http.register(gatewayApi({ gateway }));
}
