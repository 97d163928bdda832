/**
 * Makes the secrets of the compose file at its first run, each where only its own service reads it; later runs change nothing.
 * `node deploy/compose/secrets.ts DIR`, as root: below DIR lies one folder (a volume each) per service. Passwords are 32 random
 * bytes in base64url, 43 characters; files belong to the service's user and have mode 0400.
 */
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Users of the images, as the compose file runs them. */
const USERS = { vong: 65_532, postgres: 999, redis: 999, elasticsearch: 1000, kafka: 1000 } as const;
type Service = keyof typeof USERS;

export interface SecretsOptions {
  /** Folder that holds one folder per service. */
  readonly directory: string;
  /** Gives files to the services' users; off where this process may not. Default: on. */
  readonly own?: boolean;
}

/** Returns the files it made, `service/file`, none where all were there. */
export function makeSecrets({ directory, own = true }: SecretsOptions): string[] {
  const made: string[] = [];
  const put = (service: Service, file: string, text: string): void => {
    const target = join(directory, service, file);
    if (existsSync(target)) return;
    mkdirSync(join(directory, service), { recursive: true });
    // Written beside and renamed: an interrupted run leaves no half a secret behind.
    writeFileSync(`${target}.new`, text, { mode: 0o400 });
    if (own) chownSync(`${target}.new`, USERS[service], USERS[service]);
    renameSync(`${target}.new`, target);
    made.push(`${service}/${file}`);
  };
  /** What we read it by is the original: a service's own copy that got lost is made of it again. */
  const password = (file: string): string => {
    put('vong', file, randomBytes(32).toString('base64url'));
    return readFileSync(join(directory, 'vong', file), 'utf8');
  };
  put('postgres', 'password', password('postgres-password'));
  put('redis', 'redis.conf', redisConf(password('redis-password')));
  const elasticsearch = password('elasticsearch-password');
  put('elasticsearch', 'password', elasticsearch);
  put('elasticsearch', 'curl.conf', `user = "elastic:${elasticsearch}"\nsilent\nshow-error\nfail\nmax-time = 5\n`);
  const kafka = password('kafka-password');
  put('kafka', 'cluster-id', randomBytes(16).toString('base64url'));
  put('kafka', 'server.properties', kafkaProperties(kafka));
  put('kafka', 'scram', `SCRAM-SHA-512=[name=vong,password=${kafka}]`);
  put('kafka', 'client.properties', kafkaClient(kafka));
  return made;
}

function redisConf(password: string): string {
  return `requirepass ${password}
appendonly yes
appendfsync everysec
# Jobs and timers must not be thrown away to make room: a full Redis says so instead.
maxmemory 512mb
maxmemory-policy noeviction
`;
}

const LOGIN_MODULE = 'org.apache.kafka.common.security.scram.ScramLoginModule required';

function kafkaClient(password: string): string {
  return `security.protocol=SASL_PLAINTEXT
sasl.mechanism=SCRAM-SHA-512
sasl.jaas.config=${LOGIN_MODULE} username="vong" password="${password}";
`;
}

/**
 * One node that is broker and controller. The controller listens inside its own container only; who speaks to it there is
 * ANONYMOUS, which nobody can be who comes as a client.
 */
function kafkaProperties(password: string): string {
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:9093
listeners=CLIENTS://:9092,CONTROLLER://127.0.0.1:9093
advertised.listeners=CLIENTS://kafka:9092
listener.security.protocol.map=CLIENTS:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENTS
controller.listener.names=CONTROLLER
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.clients.scram-sha-512.sasl.jaas.config=${LOGIN_MODULE} username="vong" password="${password}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:vong;User:ANONYMOUS
log.dirs=/var/lib/kafka/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.consumer.min.session.timeout.ms=6000
group.consumer.min.heartbeat.interval.ms=1000
`;
}

if (import.meta.main) {
  const [directory] = process.argv.slice(2);
  if (directory === undefined) throw new Error('usage: node deploy/compose/secrets.ts DIR');
  const made = makeSecrets({ directory });
  console.log(made.length === 0 ? 'secrets: all there' : `secrets: made ${made.join(', ')}`);
}
