/**
 * Kafka in containers: the image's own tools are told what brokers of this machine are told, so that only `/opt/kafka/bin` is asked of
 * the image. Several brokers are in the network of a container that does nothing else, so each, and a tool beside any of them, finds all
 * of them where the tests do; it stays when a broker is killed.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HEAP, JVM, keystore, propertiesOf, scramUsers, type KafkaNode, type KafkaPlace, type KafkaStart } from '../kafka-settings.ts';
import type { RunningServer } from '../running.ts';
import { runContainer, type ContainerServer } from './run.ts';

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
  const place: KafkaPlace = { bind: '0.0.0.0', data: () => DATA };
  const network = start.nodes.length > 1 ? await startNetwork(image, start) : undefined;
  const begin = async (node: KafkaNode): Promise<ContainerServer> =>
    await startBroker(node, image, { ...start, place, ...(network === undefined ? {} : { network: network.id }) });
  const servers = await Promise.all(start.nodes.map(begin));
  return {
    servers,
    data: start.nodes.map(() => DATA),
    run: async (line) => await servers[0]?.run(['bash', '-c', `PATH=$PATH:${BIN}\n${line}`]),
    discard: async () => {
      await Promise.all(servers.map(async (server) => await server.discard()));
      await network?.discard();
    },
  };
}

async function startNetwork(image: string, { nodes, timeoutMs }: ContainersStart): Promise<ContainerServer> {
  const ports = nodes.map(({ client }) => client);
  const nothing = { entrypoint: ['sleep', 'infinity'], command: [] };
  return await runContainer({ name: 'The network of Kafka', image, ...nothing, ports, ready: () => Promise.resolve(true), timeoutMs });
}

interface BrokerStart extends ContainersStart {
  readonly place: KafkaPlace;
  readonly network?: string;
}

async function startBroker(node: KafkaNode, image: string, start: BrokerStart): Promise<ContainerServer> {
  const file = join(node.folder, 'server.properties');
  await writeFile(file, propertiesOf(node, start));
  const format = [
    'kafka-storage.sh',
    'format',
    '--ignore-formatted',
    `--cluster-id=${start.cluster}`,
    '-c',
    file,
    ...scramUsers(start.options),
  ];
  const words = format.map((word) => `'${word}'`).join(' ');
  return await runContainer({
    name: `Kafka broker ${node.id}`,
    image,
    entrypoint: ['bash', '-c'],
    command: [`${BIN}/${words} && exec ${BIN}/kafka-server-start.sh '${file}'`],
    env: { KAFKA_HEAP_OPTS: HEAP.join(' '), KAFKA_JVM_PERFORMANCE_OPTS: JVM.join(' ') },
    files: [file, ...(start.options.tls === true ? [keystore(start.folder)] : [])],
    ...(start.network === undefined ? { ports: [node.client] } : { ports: [], inside: start.network }),
    ready: async () => await start.ready(node),
    timeoutMs: start.timeoutMs,
  });
}
