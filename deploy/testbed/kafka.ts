/**
 * Starts real Apache Kafka (KRaft; one broker, or three that are their own controllers) on free ports of 127.0.0.1: in containers, or
 * as processes with their data in a new temporary folder. Clients may be asked for TLS and SASL/SCRAM; the brokers speak plainly to
 * each other.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { kafkaInContainers, type RunningKafka } from './containers/kafka.ts';
import {
  HEAP,
  JVM,
  makeCertificates,
  propertiesOf,
  scramUsers,
  type KafkaNode,
  type KafkaOptions,
  type KafkaPlace,
  type KafkaStart,
} from './kafka-settings.ts';
import { freePort, spawnServer } from './native.ts';
import type { RunningServer } from './running.ts';
import { available, missing } from './servers.ts';

export type { KafkaOptions } from './kafka-settings.ts';

export interface KafkaServer {
  /** `host:port` of each broker. */
  readonly brokers: readonly string[];
  /** PEM of the authority that signed the brokers' certificate. */
  readonly ca?: string;
  readonly pids: readonly number[];
  /** The brokers one by one, in the order of `brokers`. */
  readonly nodes: readonly RunningServer[];
  /** Folder of the data of each broker, where the commands of `run` find it. */
  readonly data: readonly string[];
  /** Runs a line of commands in which Kafka's own tools may stand (`kafka-topics.sh`, …); rejects with what a failing one printed. */
  run(line: string): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
  /** SIGKILL to every broker; `restart` starts them again with their data. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  pause(): void;
  resume(): void;
}

const run = promisify(execFile);
const START_MS = 120_000;
/** A connection still open after this long has been taken. */
const KEPT_MS = 150;
const THIS_MACHINE: KafkaPlace = { bind: '127.0.0.1', data: (node) => join(node.folder, 'data') };
const TOOLS = {
  'kafka-topics.sh': 'org.apache.kafka.tools.TopicCommand',
  'kafka-delete-records.sh': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'kafka-configs.sh': 'kafka.admin.ConfigCommand',
  'kafka-reassign-partitions.sh': 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand',
};
const LOGGING = `rootLogger.level=INFO
rootLogger.appenderRef.c.ref=C
appender.c.type=Console
appender.c.name=C
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=[%d] %p %m (%c)%n
`;

/** Why Kafka cannot run here; undefined when it can. */
export async function kafkaMissing(): Promise<string | undefined> {
  return await missing('kafka');
}

export async function startKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  const found = await available('kafka');
  if (!found.ok) throw new Error(`Kafka cannot be had: ${found.why}`);
  const folder = await mkdtemp(join(tmpdir(), 'vong-kafka-'));
  const nodes: KafkaNode[] = [];
  for (let id = 1; id <= (options.brokers ?? 1); id++) {
    const [client, internal, controller] = [await freePort(), await freePort(), await freePort()];
    nodes.push({ id, folder: join(folder, `node-${id}`), client, internal, controller });
    await mkdir(join(folder, `node-${id}`));
  }
  const ca = options.tls === true ? await makeCertificates(folder) : undefined;
  // One in 64 begins with `-`: it is never a word of its own on a command line.
  const start = { nodes, options, cluster: randomBytes(16).toString('base64url'), folder };
  const running: RunningKafka =
    found.way === 'containers'
      ? await kafkaInContainers(found.image, { ...start, ready: ({ client }) => listens(client), timeoutMs: START_MS })
      : await onThisMachine(found.home, { ...start, place: THIS_MACHINE });
  const { servers } = running;
  return {
    brokers: nodes.map(({ client }) => `127.0.0.1:${client}`),
    ...(ca === undefined ? {} : { ca }),
    get pids() {
      return servers.map(({ pid }) => pid);
    },
    nodes: servers,
    run: (line) => running.run(line),
    data: running.data,
    stop: async () => {
      await running.discard();
      await rm(folder, { recursive: true, force: true });
    },
    kill: async () => void (await Promise.all(servers.map((server) => server.kill()))),
    restart: async () => void (await Promise.all(servers.map((server) => server.restart()))),
    pause: () => servers.forEach((server) => server.pause()),
    resume: () => servers.forEach((server) => server.resume()),
  };
}

async function onThisMachine(home: string, start: KafkaStart): Promise<RunningKafka> {
  const { nodes, folder } = start;
  await writeFile(join(folder, 'log4j2.properties'), LOGGING);
  const logging = `-Dlog4j2.configurationFile=${join(folder, 'log4j2.properties')}`;
  const java = ['-cp', join(home, 'lib', '*'), logging, ...JVM, ...HEAP];
  const servers = await Promise.all(nodes.map((node) => startNode(node, start, java)));
  return {
    servers,
    data: nodes.map(THIS_MACHINE.data),
    run: async (line) => {
      const quoted = java.map((word) => `'${word}'`).join(' ');
      const functions = Object.entries(TOOLS).map(([tool, main]) => `${tool}() { java ${quoted} ${main} "$@"; }`);
      await run('bash', ['-c', `${functions.join('\n')}\n${line}`], { cwd: folder });
    },
    discard: async () => void (await Promise.all(servers.map((server) => server.kill()))),
  };
}

async function startNode(node: KafkaNode, start: KafkaStart, java: readonly string[]): Promise<RunningServer> {
  const file = join(node.folder, 'server.properties');
  await writeFile(file, propertiesOf(node, start));
  const format = ['kafka.tools.StorageTool', 'format', `--cluster-id=${start.cluster}`, '-c', file, ...scramUsers(start.options)];
  await run('java', [...java, ...format]);
  return await spawnServer({
    name: `Kafka broker ${node.id}`,
    command: 'java',
    args: [...java, 'kafka.Kafka', file],
    log: join(node.folder, 'output.log'),
    ready: () => listens(node.client),
    timeoutMs: START_MS,
  });
}

/** True when somebody takes the connection and keeps it: the proxy before a container closes one that nobody took behind it. */
async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return await Promise.race([once(socket, 'close').then(() => false), sleep(KEPT_MS, true)]);
  } finally {
    socket.destroy();
  }
}
