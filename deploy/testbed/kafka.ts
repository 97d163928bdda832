/**
 * Starts real Apache Kafka (KRaft; one broker, or three that are their own controllers) on free ports of 127.0.0.1 with its data in
 * a new temporary folder. Clients may be asked for TLS and SASL/SCRAM; the brokers speak plainly to each other.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, installed, spawnServer, type NativeServer } from './native.ts';

export interface KafkaOptions {
  /** Default 1. */
  readonly brokers?: 1 | 3;
  /** Clients must speak TLS; the certificate is made here. */
  readonly tls?: boolean;
  /** Clients must name themselves, by SCRAM-SHA-256, SCRAM-SHA-512 or PLAIN. */
  readonly sasl?: { readonly username: string; readonly password: string };
  /** Added to `server.properties` of every broker. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

export interface KafkaServer {
  /** `host:port` of each broker. */
  readonly brokers: readonly string[];
  /** PEM of the authority that signed the brokers' certificate. */
  readonly ca?: string;
  readonly pids: readonly number[];
  /** The brokers one by one, in the order of `brokers`. */
  readonly nodes: readonly NativeServer[];
  /** Folder of the data of each broker. */
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

interface Node {
  readonly id: number;
  readonly folder: string;
  readonly client: number;
  readonly internal: number;
  readonly controller: number;
}

const run = promisify(execFile);
const START_MS = 120_000;
/** Small and quick to start rather than fast. */
const JAVA = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xms96m', '-Xmx384m'];
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
  const found = await installed('kafka');
  return found.ok ? undefined : found.why;
}

export async function startKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  const found = await installed('kafka');
  if (!found.ok) throw new Error(`Kafka cannot be had: ${found.why}`);
  const folder = await mkdtemp(join(tmpdir(), 'vong-kafka-'));
  const nodes: Node[] = [];
  for (let id = 1; id <= (options.brokers ?? 1); id++) {
    const [client, internal, controller] = [await freePort(), await freePort(), await freePort()];
    nodes.push({ id, folder: join(folder, `node-${id}`), client, internal, controller });
  }
  await writeFile(join(folder, 'log4j2.properties'), LOGGING);
  const ca = options.tls === true ? await makeCertificates(folder) : undefined;
  const java = ['-cp', join(found.home, 'lib', '*'), `-Dlog4j2.configurationFile=${join(folder, 'log4j2.properties')}`, ...JAVA];
  const cluster = randomBytes(16).toString('base64url');
  const servers = await Promise.all(nodes.map((node) => startNode(node, { nodes, options, java, cluster, folder })));
  return {
    brokers: nodes.map(({ client }) => `127.0.0.1:${client}`),
    ...(ca === undefined ? {} : { ca }),
    get pids() {
      return servers.map(({ pid }) => pid);
    },
    nodes: servers,
    run: async (line) => {
      const quoted = java.map((word) => `'${word}'`).join(' ');
      const functions = Object.entries(TOOLS).map(([tool, main]) => `${tool}() { java ${quoted} ${main} "$@"; }`);
      await run('bash', ['-c', `${functions.join('\n')}\n${line}`], { cwd: folder });
    },
    data: nodes.map((node) => join(node.folder, 'data')),
    stop: async () => {
      await Promise.all(servers.map((server) => server.kill()));
      await rm(folder, { recursive: true, force: true });
    },
    kill: async () => void (await Promise.all(servers.map((server) => server.kill()))),
    restart: async () => void (await Promise.all(servers.map((server) => server.restart()))),
    pause: () => servers.forEach((server) => server.pause()),
    resume: () => servers.forEach((server) => server.resume()),
  };
}

interface Start {
  readonly nodes: readonly Node[];
  readonly options: KafkaOptions;
  readonly java: readonly string[];
  readonly cluster: string;
  readonly folder: string;
}

async function startNode(node: Node, { nodes, options, java, cluster, folder }: Start): Promise<NativeServer> {
  await mkdir(node.folder, { recursive: true });
  const file = join(node.folder, 'server.properties');
  const settings = { ...settingsOf(node, nodes), ...security(options, folder), ...options.settings };
  await writeFile(
    file,
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const scram = options.sasl === undefined ? [] : scramUsers(options.sasl);
  await run('java', [...java, 'kafka.tools.StorageTool', 'format', '-t', cluster, '-c', file, ...scram]);
  return await spawnServer({
    name: `Kafka broker ${node.id}`,
    command: 'java',
    args: [...java, 'kafka.Kafka', file],
    log: join(node.folder, 'output.log'),
    ready: () => listens(node.client),
    timeoutMs: START_MS,
  });
}

function settingsOf(node: Node, nodes: readonly Node[]): Record<string, string | number> {
  const copies = nodes.length === 1 ? 1 : 3;
  return {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': nodes.map(({ id, controller }) => `${id}@127.0.0.1:${controller}`).join(','),
    listeners: `CLIENT://127.0.0.1:${node.client},INTERNAL://127.0.0.1:${node.internal},CONTROLLER://127.0.0.1:${node.controller}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'INTERNAL',
    'log.dirs': join(node.folder, 'data'),
    'auto.create.topics.enable': 'false',
    'offsets.topic.replication.factor': copies,
    'offsets.topic.num.partitions': 4,
    'min.insync.replicas': copies === 1 ? 1 : 2,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'log.cleaner.dedupe.buffer.size': 8 * 1024 * 1024,
    // A member or a broker that died is noticed within seconds.
    'group.consumer.min.session.timeout.ms': 3000,
    'group.consumer.min.heartbeat.interval.ms': 200,
    'broker.session.timeout.ms': 4000,
    'broker.heartbeat.interval.ms': 500,
    'controlled.shutdown.enable': nodes.length > 1 ? 'true' : 'false',
  };
}

function security({ tls, sasl }: KafkaOptions, folder: string): Record<string, string> {
  const client = sasl === undefined ? (tls === true ? 'SSL' : 'PLAINTEXT') : tls === true ? 'SASL_SSL' : 'SASL_PLAINTEXT';
  const settings: Record<string, string> = {
    'listener.security.protocol.map': `CLIENT:${client},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT`,
  };
  if (tls === true) {
    settings['ssl.keystore.type'] = 'PEM';
    settings['ssl.keystore.location'] = join(folder, 'broker.pem');
  }
  if (sasl === undefined) return settings;
  const module = 'org.apache.kafka.common.security';
  settings['listener.name.client.sasl.enabled.mechanisms'] = 'SCRAM-SHA-256,SCRAM-SHA-512,PLAIN';
  for (const size of [256, 512]) {
    settings[`listener.name.client.scram-sha-${size}.sasl.jaas.config`] = `${module}.scram.ScramLoginModule required;`;
  }
  const user = `user_${sasl.username}="${sasl.password}"`;
  settings['listener.name.client.plain.sasl.jaas.config'] = `${module}.plain.PlainLoginModule required ${user};`;
  return settings;
}

function scramUsers({ username, password }: { username: string; password: string }): string[] {
  return [256, 512].flatMap((size) => ['--add-scram', `SCRAM-SHA-${size}=[name=${username},password=${password}]`]);
}

/** An authority and a certificate for 127.0.0.1 signed by it; answers the authority's PEM. */
async function makeCertificates(folder: string): Promise<string> {
  const at = (name: string): string => join(folder, name);
  await writeFile(at('san.cnf'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await run('openssl', [
    'req',
    '-x509',
    ...key,
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
    '-days',
    '2',
    '-subj',
    '/CN=test authority',
  ]);
  await run('openssl', ['req', ...key, '-keyout', at('broker.key'), '-out', at('broker.csr'), '-subj', '/CN=localhost']);
  const signed = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', at('san.cnf')];
  await run('openssl', ['x509', '-req', '-in', at('broker.csr'), ...signed, '-out', at('broker.crt')]);
  const ca = await readFile(at('ca.pem'), 'utf8');
  await writeFile(at('broker.pem'), `${await readFile(at('broker.key'), 'utf8')}${await readFile(at('broker.crt'), 'utf8')}${ca}`);
  return ca;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } finally {
    socket.destroy();
  }
}
