/** For tests only: changes servers, so that there is something to find. */
import { Admin } from '@platformatic/kafka';
import { Client } from 'pg';

/** Runs statements on PostgreSQL, over TLS with this authority. */
export async function runSql(server: { readonly url: string; readonly ca?: string }, text: string): Promise<void> {
  const client = new Client({ connectionString: server.url, ...(server.ca === undefined ? {} : { ssl: { ca: server.ca } }) });
  await client.connect();
  await client.query(text);
  await client.end();
}

interface Brokers {
  readonly brokers: readonly string[];
  readonly ca?: string;
  readonly sasl: { readonly username: string; readonly password: string };
}

/** Makes a topic of one replica on Kafka, over TLS. */
export async function createTopic(
  { brokers, ca = '', sasl }: Brokers,
  topic: { readonly name: string; readonly partitions: number; readonly configs: Readonly<Record<string, string>> },
): Promise<void> {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...brokers], tls: { ca }, sasl: { mechanism: 'SCRAM-SHA-512', ...sasl } });
  const configs = Object.entries(topic.configs).map(([name, value]) => ({ name, value }));
  await admin.createTopics({ topics: [topic.name], partitions: topic.partitions, replicas: 1, configs });
  await admin.close();
}
