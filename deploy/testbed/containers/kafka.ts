/**
 * Kafka in containers: the image's own tools are told what brokers of this machine are told, so that only `/opt/kafka/bin` is asked of
 * the image. Several brokers find each other on a network of their own.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HEAP, JVM, keystore, propertiesOf, scramUsers, type KafkaNode, type KafkaPlace, type KafkaStart } from '../kafka-settings.ts';
import type { RunningServer } from '../running.ts';
import { startNetwork } from './network.ts';
import { runContainer, type ContainerServer } from './server.ts';

/** Brokers in either way. */
export interface RunningKafka {
  /** In the order of the nodes. */
  readonly servers: readonly RunningServer[];
  readonly data: readonly string[];
  run(line: string): Promise<void>;
  /** Ends them; their data are lost. */
  discard(): Promise<void>;
}

interface ContainersStart extends Omit<KafkaStart, 'place'> {
  readonly ready: (node: KafkaNode) => Promise<boolean>;
  readonly timeoutMs: number;
}

const BIN = '/opt/kafka/bin';
/** A folder that whoever the image runs as can make. */
const DATA = '/tmp/kafka-data';

export async function kafkaInContainers(image: string, start: ContainersStart): Promise<RunningKafka> {
  const network = start.nodes.length > 1 ? await startNetwork() : undefined;
  const host = network === undefined ? (): string => '127.0.0.1' : (id: number): string => `broker-${id}`;
  const place: KafkaPlace = { bind: '0.0.0.0', host, data: () => DATA };
  const begin = async (node: KafkaNode): Promise<ContainerServer> =>
    await startBroker(node, image, { ...start, place, ...(network === undefined ? {} : { network: network.id }) });
  const servers = await Promise.all(start.nodes.map(begin));
  return {
    servers,
    data: start.nodes.map(() => DATA),
    run: async (line) => await servers[0]?.run(['bash', '-c', `PATH=$PATH:${BIN}\n${line}`]),
    discard: async () => {
      await Promise.all(servers.map(async (server) => await server.discard()));
      await network?.remove();
    },
  };
}

interface BrokerStart extends ContainersStart {
  readonly place: KafkaPlace;
  readonly network?: string;
}

async function startBroker(node: KafkaNode, image: string, start: BrokerStart): Promise<ContainerServer> {
  const file = join(node.folder, 'server.properties');
  await writeFile(file, propertiesOf(node, start));
  const format = ['kafka-storage.sh', 'format', '--ignore-formatted', '-t', start.cluster, '-c', file, ...scramUsers(start.options)];
  const words = format.map((word) => `'${word}'`).join(' ');
  return await runContainer({
    name: `Kafka broker ${node.id}`,
    image,
    entrypoint: ['bash', '-c'],
    command: [`${BIN}/${words} && exec ${BIN}/kafka-server-start.sh '${file}'`],
    env: { KAFKA_HEAP_OPTS: HEAP.join(' '), KAFKA_JVM_PERFORMANCE_OPTS: JVM.join(' ') },
    files: [file, ...(start.options.tls === true ? [keystore(start.folder)] : [])],
    ports: [node.client],
    ...(start.network === undefined ? {} : { network: { id: start.network, alias: start.place.host(node.id) } }),
    ready: async () => await start.ready(node),
    timeoutMs: start.timeoutMs,
  });
}
