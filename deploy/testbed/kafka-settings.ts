/** What the brokers of the tests are told: the same whether they run on this machine or in containers. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

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

export interface KafkaNode {
  readonly id: number;
  /** Of what it has on this machine beside its data. */
  readonly folder: string;
  /** Ports: of clients, of the other brokers, of the controllers. */
  readonly client: number;
  readonly internal: number;
  readonly controller: number;
}

/** Where the brokers run. */
export interface KafkaPlace {
  /** Address on which they listen. */
  readonly bind: string;
  /** Folder of the data of one. */
  readonly data: (node: KafkaNode) => string;
}

export interface KafkaStart {
  readonly nodes: readonly KafkaNode[];
  readonly options: KafkaOptions;
  /** Id of the cluster. */
  readonly cluster: string;
  /** Holds the folders of the nodes, and what all have. */
  readonly folder: string;
  readonly place: KafkaPlace;
}

/** Small and quick to start rather than fast. */
export const HEAP = ['-Xms96m', '-Xmx384m'];
export const JVM = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

const run = promisify(execFile);

/** Key, certificate and authority of the brokers, PEM. */
export function keystore(folder: string): string {
  return join(folder, 'broker.pem');
}

/** What a node's own file says, what `options` ask for included. */
export function propertiesOf(node: KafkaNode, { nodes, options, folder, place }: KafkaStart): string {
  const all = { ...settingsOf(node, nodes, place), ...security(options, folder), ...options.settings };
  const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
  return lines.join('');
}

function settingsOf(node: KafkaNode, nodes: readonly KafkaNode[], { bind, data }: KafkaPlace): Record<string, string | number> {
  const copies = nodes.length === 1 ? 1 : 3;
  return {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': nodes.map(({ id, controller }) => `${id}@127.0.0.1:${controller}`).join(','),
    listeners: `CLIENT://${bind}:${node.client},INTERNAL://${bind}:${node.internal},CONTROLLER://${bind}:${node.controller}`,
    'advertised.listeners': `CLIENT://127.0.0.1:${node.client},INTERNAL://127.0.0.1:${node.internal}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'INTERNAL',
    'log.dirs': data(node),
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
    settings['ssl.keystore.location'] = keystore(folder);
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

/** Arguments of the tool that formats the storage: the users there are from the start. */
export function scramUsers({ sasl }: KafkaOptions): string[] {
  if (sasl === undefined) return [];
  const { username, password } = sasl;
  return [256, 512].flatMap((size) => ['--add-scram', `SCRAM-SHA-${size}=[name=${username},password=${password}]`]);
}

/** An authority and a certificate for 127.0.0.1 signed by it; answers the authority's PEM. */
export async function makeCertificates(folder: string): Promise<string> {
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
  await writeFile(keystore(folder), `${await readFile(at('broker.key'), 'utf8')}${await readFile(at('broker.crt'), 'utf8')}${ca}`);
  return ca;
}
