/** The server's settings, read from the environment and the configuration file once, at the start. */
import type { Static } from 'typebox';
import { clusterOf, type ClusterConfig, type ClusterValues } from './cluster.ts';
import { CLUSTER_SETTINGS } from './cluster-settings.ts';
import { configError } from './errors.ts';
import { FILE_VARIABLE, Sources, type Environment } from './given.ts';
import { nearest } from './near.ts';
import { valueOf } from './setting.ts';
import { SETTINGS } from './settings.ts';

export { ROLES, type Role } from './cluster-settings.ts';
export type { ClusterConfig, ElasticsearchConfig, KafkaConfig, PostgresConfig, RedisConfig, TlsConfig } from './cluster.ts';
export { certificatesOf } from './servers.ts';

type Settings = typeof SETTINGS;

/** Values as the parts take them: milliseconds, bytes, null for no limit. A server of a cluster that is not given is undefined. */
export type Config = { readonly [Name in keyof Settings]: Static<Settings[Name]['kind']> } & ClusterConfig & {
    /** Variables that look like settings and are none: most likely misspelt. For main to warn about. */
    readonly unknown: readonly string[];
  };

/** Variables with this prefix that belong to the command line, the toolchain and the tests. */
const ELSEWHERE = new Set([
  'VONG_URL',
  'VONG_TOKEN',
  'VONG_NODE',
  'VONG_SHARED',
  'VONG_CHROMIUM',
  'VONG_EVTX_ORACLE',
  'VONG_API',
  'VONG_CACHE',
  'VONG_TESTBED',
  FILE_VARIABLE,
]);

const ALL = { ...SETTINGS, ...CLUSTER_SETTINGS };

/**
 * Reads every setting: the environment first, then the file that VONG_CONFIG names, then its default. Throws CONFIG_INVALID that
 * names every problem, not the first alone; its `details.list` has them one by one.
 */
export function loadConfig(env: Environment): Config {
  const sources = new Sources(env, Object.values(ALL));
  const { problems } = sources;
  const values: Record<string, unknown> = {};
  const places = new Map<string, string>();
  const invalid = new Set<string>();
  for (const [name, from] of Object.entries(ALL)) {
    const given = sources.find(from);
    if (given) places.set(name, given.where);
    const outcome = given === null ? undefined : valueOf(from, given);
    if (outcome !== undefined && 'value' in outcome) values[name] = outcome.value;
    else {
      // What goes together is checked all the same: with the default, and without complaints about this server.
      invalid.add(name);
      values[name] = from.read(from.fallback);
      if (outcome !== undefined) problems.push(outcome.problem);
    }
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each value was checked against its setting's type above
  const cluster = clusterOf({ values: values as ClusterValues, given: (name) => places.get(name), invalid, problems });
  if (problems.length > 0)
    throw configError('CONFIG_INVALID', { problems: problems.map((problem) => `- ${problem}`).join('\n'), list: problems });
  const flat = Object.fromEntries(Object.keys(SETTINGS).map((name) => [name, values[name]]));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  return { ...flat, ...cluster, unknown: unknownIn(env) } as unknown as Config;
}

function unknownIn(env: Environment): string[] {
  const known = new Set<string>(Object.values(ALL).flatMap(({ variable }) => [variable, `${variable}_FILE`]));
  return Object.keys(env).filter(
    (name) => name.startsWith('VONG_') && !known.has(name) && !ELSEWHERE.has(name) && !name.startsWith('VONG_TEST_'),
  );
}

/** The variable that a misspelt one most likely meant. */
export function likelyVariable(name: string): string | undefined {
  const variables = Object.values(ALL).map(({ variable }) => variable.slice('VONG_'.length).toLowerCase());
  const near = nearest(name.replace(/^VONG_/, '').toLowerCase(), variables);
  return near === undefined ? undefined : `VONG_${near.toUpperCase()}`;
}
