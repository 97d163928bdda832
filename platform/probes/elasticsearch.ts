import { Client, type ClientOptions } from '@elastic/elasticsearch';
import type { ElasticsearchConfig } from '../config/index.ts';
import { settingsOf } from '../events/elasticsearch/options.ts';
import { wantedTemplates } from '../events/elasticsearch/templates.ts';
import { within } from './reason.ts';

export interface ElasticsearchFacts {
  readonly status: string;
  readonly unassignedShards: number;
  readonly nodes: readonly {
    readonly name: string;
    readonly version: string;
    /** The node's clock less ours, ms; undefined when it does not tell. */
    readonly clockMs: number | undefined;
    /** Bytes; undefined when it holds no data. */
    readonly disk: { readonly free: number; readonly total: number } | undefined;
  }[];
  /** `cluster.routing.allocation.disk.*`, and whether it is in force. */
  readonly watermarks: { readonly enabled: boolean; readonly low: string; readonly high: string; readonly flood: string };
  /** Our index and component templates that are there. */
  readonly templates: readonly { readonly name: string; readonly version: number }[];
  /** Indices of ours that Elasticsearch has closed because a disk was full; we close full ones ourselves in another way. */
  readonly blocked: readonly string[];
}

/** The templates this configuration needs. */
export function templatesOf({ urls, prefix }: ElasticsearchConfig): { readonly names: readonly string[]; readonly version: number } {
  return wantedTemplates(settingsOf({ nodes: urls, prefix }));
}

const DISK = 'cluster.routing.allocation.disk';

/** Asks one node. */
export async function probeElasticsearch(
  config: ElasticsearchConfig,
  options: { readonly url: string; readonly limitMs: number },
): Promise<ElasticsearchFacts> {
  const client = new Client(optionsOf(config, options));
  try {
    return await within(options.limitMs, ask(client, config.prefix));
  } finally {
    void client.close().catch(() => undefined);
  }
}

async function ask(client: Client, prefix: string): Promise<ElasticsearchFacts> {
  // Alone and first: it refuses a wrong password, and its way there and back is the one the clocks are compared by.
  const health = await client.cluster.health();
  const [nodes, settings, index, component, blocks] = await Promise.all([
    nodesOf(client),
    client.cluster.getSettings({ include_defaults: true, flat_settings: true }),
    client.indices.getIndexTemplate({ name: `${prefix}-*` }).catch(() => ({ index_templates: [] })),
    client.cluster.getComponentTemplate({ name: `${prefix}-*` }).catch(() => ({ component_templates: [] })),
    client.indices.getSettings({
      index: `${prefix}-*`,
      name: 'index.blocks.read_only*',
      flat_settings: true,
      allow_no_indices: true,
      expand_wildcards: 'all',
    }),
  ]);
  const all: Record<string, unknown> = { ...settings.defaults, ...settings.persistent, ...settings.transient };
  const setting = (name: string): string => {
    const value = all[`${DISK}.${name}`];
    return typeof value === 'string' ? value : JSON.stringify(value ?? '');
  };
  return {
    status: health.status,
    unassignedShards: health.unassigned_shards,
    nodes,
    watermarks: {
      enabled: setting('threshold_enabled') !== 'false',
      low: setting('watermark.low'),
      high: setting('watermark.high'),
      flood: setting('watermark.flood_stage'),
    },
    templates: [
      ...index.index_templates.map(({ name, index_template: { version } }) => ({ name, version: version ?? 0 })),
      ...component.component_templates.map(({ name, component_template: { version } }) => ({ name, version: version ?? 0 })),
    ],
    blocked: Object.entries(blocks).flatMap(([name, { settings: found }]) => (Object.values(found ?? {}).some(isOn) ? [name] : [])),
  };
}

const isOn = (value: unknown): boolean => value === true || value === 'true';

async function nodesOf(client: Client): Promise<ElasticsearchFacts['nodes']> {
  const begun = Date.now();
  const stats = await client.nodes.stats({ metric: 'fs' });
  const middle = (begun + Date.now()) / 2;
  const info = await client.nodes.info({ metric: 'os', filter_path: 'nodes.*.name,nodes.*.version' });
  return Object.entries(stats.nodes).map(([id, { name, timestamp, fs, roles }]) => {
    const { total_in_bytes: total, available_in_bytes: free } = fs?.total ?? {};
    const holdsData = roles === undefined || roles.some((role) => role.startsWith('data'));
    return {
      name: name ?? id,
      version: info.nodes[id]?.version ?? '',
      clockMs: timestamp === undefined ? undefined : Math.round(timestamp - middle),
      disk: holdsData && total !== undefined && free !== undefined ? { free, total } : undefined,
    };
  });
}

function optionsOf(
  { auth, tls }: ElasticsearchConfig,
  { url, limitMs }: { readonly url: string; readonly limitMs: number },
): ClientOptions {
  const login =
    auth === undefined ? undefined : 'apiKey' in auth ? { apiKey: auth.apiKey } : { username: auth.user, password: auth.password };
  return {
    node: url,
    maxRetries: 0,
    requestTimeout: limitMs,
    ...(login === undefined ? {} : { auth: login }),
    ...(tls?.ca === undefined ? {} : { tls: { ca: tls.ca } }),
  };
}
