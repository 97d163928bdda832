import type { ElasticsearchConfig } from '@vong/platform/config';
import { probeElasticsearch, templatesOf, type ElasticsearchFacts } from '@vong/platform/probes';
import { checkCertificate } from './certificates.ts';
import { judgeClock } from './clock.ts';
import { LIMIT_MS, ok, problem, size, warning, type Check, type Finding } from './finding.ts';
import { readableOnTheWay } from './plain.ts';
import { unreachable, type Server } from './reach.ts';

const OLDEST = [8, 19] as const;
/** Of its disk; the share at which Elasticsearch gives a node nothing more, unless its settings say otherwise. */
const LOW_SHARE = 85;

export function elasticsearch(config: ElasticsearchConfig): Check[] {
  const answers = new Map(config.urls.map((url) => [url, Promise.withResolvers<ElasticsearchFacts>()]));
  for (const { promise } of answers.values()) promise.catch(() => undefined);
  const nodes = config.urls.map((url) => ({
    name: `elasticsearch ${url}`,
    run: async () => await checkNode(config, { url, answer: answers.get(url) ?? Promise.withResolvers() }),
  }));
  const run = async (): Promise<Finding[]> => {
    try {
      return judgeElasticsearch(await Promise.any([...answers.values()].map(({ promise }) => promise)), config);
    } catch {
      return [problem('elasticsearch cluster', 'not looked at: no node answers', 'Do first what is said of the nodes.')];
    }
  };
  return [...nodes, { name: 'elasticsearch cluster', run }];
}

interface Node {
  readonly url: string;
  /** Where what the node says is left for the look at the cluster. */
  readonly answer: PromiseWithResolvers<ElasticsearchFacts>;
}

async function checkNode(config: ElasticsearchConfig, { url, answer }: Node): Promise<Finding[]> {
  const { hostname, port, protocol } = new URL(url);
  const peer = { host: hostname.replaceAll(/[[\]]/g, ''), port: Number(port || (protocol === 'https:' ? 443 : 80)), ca: config.tls?.ca };
  const server: Server = {
    name: 'elasticsearch',
    title: 'Elasticsearch',
    address: `${hostname}:${peer.port}`,
    setting: 'VONG_ELASTICSEARCH',
  };
  const findings: Finding[] = [];
  try {
    if (config.tls !== undefined) {
      findings.push(await checkCertificate(server, peer));
      if (findings[0]?.level === 'problem') throw new Error('its certificate is not trusted');
    }
    const facts = await probeElasticsearch(config, { url, limitMs: LIMIT_MS });
    answer.resolve(facts);
    findings.push(ok(`elasticsearch ${server.address}`, 'answers'));
    return [...findings, ...readableOnTheWay(server, { tls: config.tls !== undefined, password: config.auth !== undefined })];
  } catch (error) {
    answer.reject(error);
    return findings[0]?.level === 'problem' ? findings : [...findings, unreachable(server, error, causes(config))];
  }
}

function causes({ auth, prefix }: ElasticsearchConfig) {
  const which =
    auth !== undefined && 'apiKey' in auth ? 'VONG_ELASTICSEARCH_API_KEY' : 'VONG_ELASTICSEARCH_USER and VONG_ELASTICSEARCH_PASSWORD';
  return [
    {
      sign: /unauthorized/,
      advice: () => `Give it the cluster privileges monitor and manage_index_templates, and all on the indices ${prefix}-*.`,
    },
    { sign: /security_exception|authenticat/, advice: () => `It refused who asks: correct ${which} (or the file it comes from).` },
  ];
}

export function judgeElasticsearch(facts: ElasticsearchFacts, config: ElasticsearchConfig): Finding[] {
  const url = config.urls[0] ?? '';
  const alone = warning(
    'elasticsearch cluster',
    'each event lies on one node only, and cannot be searched without it (VONG_ELASTICSEARCH_REPLICAS=0)',
    'For service, run two data nodes or more and set VONG_ELASTICSEARCH_REPLICAS=1.',
  );
  return [
    judgeHealth(facts, config),
    ...(config.replicas === 0 ? [alone] : []),
    ...judgeVersions(facts),
    ...facts.nodes.flatMap(({ name, clockMs }) => (clockMs === undefined ? [] : [judgeClock(`elasticsearch clock ${name}`, clockMs)])),
    ...judgeDisks(facts, url),
    ...judgeBlocks(facts, { url, prefix: config.prefix }),
    judgeTemplates(facts.templates, templatesOf(config)),
  ];
}

function judgeTemplates(there: ElasticsearchFacts['templates'], wanted: ReturnType<typeof templatesOf>): Finding {
  const check = 'elasticsearch templates';
  const ours = there.filter(({ name }) => wanted.names.includes(name));
  const missing = wanted.names.filter((name) => !ours.some((each) => each.name === name));
  const again = 'Restart one indexer or console: each puts them when it starts.';
  if (ours.length === 0) return ok(check, 'not there yet; the first process to start makes them');
  if (missing.length > 0) return problem(check, `missing: ${missing.join(', ')}; new indices would be made without their mapping`, again);
  const newer = ours.find(({ version }) => version > wanted.version);
  if (newer !== undefined)
    return warning(
      check,
      `${newer.name} has version ${newer.version}, this program puts ${wanted.version}`,
      'A newer version ran on it: use that version on this machine too.',
    );
  const older = ours.find(({ version }) => version < wanted.version);
  if (older !== undefined) return warning(check, `${older.name} has version ${older.version}, this program puts ${wanted.version}`, again);
  return ok(check, `${ours.length}, version ${wanted.version}`);
}

function judgeHealth({ status, unassignedShards, nodes }: ElasticsearchFacts, { urls, replicas }: ElasticsearchConfig): Finding {
  const check = 'elasticsearch cluster';
  const found = `${status}, ${nodes.length} nodes, ${unassignedShards} shards without a node`;
  const why = `See why: curl -s '${urls[0] ?? ''}/_cluster/allocation/explain?pretty'`;
  if (status === 'green') return ok(check, found);
  if (status !== 'yellow') return problem(check, `${found}: some events cannot be searched`, `Start the data nodes that are away. ${why}`);
  const alone =
    nodes.length <= replicas ? ` With ${nodes.length} data nodes, set VONG_ELASTICSEARCH_REPLICAS=${Math.max(0, nodes.length - 1)}.` : '';
  return warning(check, `${found}: some events are there only once`, `${why}.${alone}`);
}

function judgeVersions({ nodes }: ElasticsearchFacts): Finding[] {
  const versions = [...new Set(nodes.map(({ version }) => version))].toSorted();
  const old = versions.filter((version) => {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  });
  const found = versions.join(', ');
  if (old.length > 0)
    return [problem('elasticsearch version', `${found}; ${OLDEST.join('.')} or newer is needed`, 'Upgrade the nodes one after the other.')];
  if (versions.length > 1)
    return [warning('elasticsearch version', `${found}: nodes differ`, 'Finish the upgrade: shards do not move to older nodes.')];
  return [ok('elasticsearch version', found)];
}

function judgeDisks({ nodes, watermarks }: ElasticsearchFacts, url: string): Finding[] {
  const { enabled, low, high, flood } = watermarks;
  const room = `Add a data node or disk, or lower VONG_EVENTS_RETENTION_DAYS. See: curl -s '${url}/_cat/allocation?v'`;
  const findings: Finding[] = enabled
    ? []
    : [
        warning(
          'elasticsearch watermarks',
          'cluster.routing.allocation.disk.threshold_enabled is off: a full disk breaks indices',
          `Run: curl -X PUT '${url}/_cluster/settings' -H 'content-type: application/json' -d '{"persistent":{"cluster.routing.allocation.disk.threshold_enabled":true}}'`,
        ),
      ];
  for (const { name, disk } of nodes) {
    if (disk === undefined) continue;
    const check = `elasticsearch disk ${name}`;
    const found = `${size(disk.free)} of ${size(disk.total)} free (watermarks ${low}, ${high}, ${flood})`;
    if (isBeyond(disk, flood, 95)) findings.push(problem(check, `${found}: indices are closed for writing`, room));
    else if (isBeyond(disk, high, 90)) findings.push(problem(check, `${found}: shards are moved away`, room));
    else if (isBeyond(disk, low, LOW_SHARE)) findings.push(warning(check, `${found}: the node gets no more shards`, room));
    else findings.push(ok(check, found));
  }
  return findings;
}

const UNITS = ['b', 'kb', 'mb', 'gb', 'tb', 'pb'];

/** A watermark is a share of the disk that may be used (`85%`, `0.85`), or what must stay free (`200gb`). */
export function isBeyond({ free, total }: { free: number; total: number }, watermark: string, fallback: number): boolean {
  const bytes = /^(\d+(?:\.\d+)?)(b|[kmgtp]b)$/i.exec(watermark.trim());
  if (bytes) return free < Number(bytes[1]) * 1024 ** UNITS.indexOf((bytes[2] ?? 'b').toLowerCase());
  const share = /^(\d+(?:\.\d+)?)(%?)$/.exec(watermark.trim());
  const percent = share === null ? fallback : share[2] === '%' ? Number(share[1]) : Number(share[1]) * 100;
  return ((total - free) / total) * 100 > percent;
}

function judgeBlocks({ blocked }: ElasticsearchFacts, { url, prefix }: { url: string; prefix: string }): Finding[] {
  if (blocked.length === 0) return [];
  return [
    problem(
      'elasticsearch indices',
      `${blocked.length} are closed for writing, as Elasticsearch does when a disk is full: ${blocked.slice(0, 3).join(', ')}`,
      `Make room first, then: curl -X PUT '${url}/${prefix}-*/_settings' -H 'content-type: application/json' -d '{"index.blocks.read_only_allow_delete":null}'`,
    ),
  ];
}
