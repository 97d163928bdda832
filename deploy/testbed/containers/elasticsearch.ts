/** Elasticsearch in a container of the official image: one node without security, told its settings through the environment. */
import type { DiscardableServer } from '../running.ts';
import { runContainer } from './run.ts';

export interface ElasticsearchStart {
  readonly image: string;
  readonly port: number;
  readonly heapMb: number;
  /** Of `elasticsearch.yml`; where it listens is not among them. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly ready: () => Promise<boolean>;
  readonly timeoutMs: number;
}

/** Of `elasticsearch.yml`, in either way. */
export const NODE_SETTINGS = {
  'cluster.name': 'vong-test',
  'node.name': 'n1',
  'discovery.type': 'single-node',
  'cluster.routing.allocation.disk.threshold_enabled': false,
} as const;

/** Where the image keeps its data. */
export const DATA = '/usr/share/elasticsearch/data';

export async function elasticsearchInContainer({
  image,
  port,
  heapMb,
  settings,
  ready,
  timeoutMs,
}: ElasticsearchStart): Promise<DiscardableServer> {
  const all = {
    ...NODE_SETTINGS,
    'http.host': '0.0.0.0',
    'http.port': port,
    'xpack.security.enabled': false,
    ...settings,
  };
  return await runContainer({
    name: 'Elasticsearch',
    image,
    command: ['eswrapper'],
    env: {
      ...Object.fromEntries(Object.entries(all).map(([name, value]) => [name, String(value)])),
      ES_JAVA_OPTS: `-Xms${heapMb}m -Xmx${heapMb}m`,
    },
    ports: [port],
    ready,
    timeoutMs,
  });
}
