/**
 * A real Elasticsearch for the tests of a file. `VONG_TEST_ELASTICSEARCH=http://host:9200` runs those that stop nothing on a server
 * that is there already, of another version for instance.
 */
import {
  elasticsearchMissing,
  startElasticsearch,
  type ElasticsearchServer,
  type ElasticsearchVersion,
} from '../../../deploy/testbed/elasticsearch.ts';
import { afterAll, beforeAll } from 'vitest';
import type { ElasticEventStoreOptions } from '../index.ts';

const given = process.env['VONG_TEST_ELASTICSEARCH'];

export const elasticsearch = { missing: given === undefined ? await elasticsearchMissing() : undefined };

export interface ServerHere {
  /** Names of their own for each store. */
  options(): Pick<ElasticEventStoreOptions, 'nodes' | 'prefix' | 'replicas'>;
  stop(): Promise<void>;
}

let stores = 0;

/** To be called inside `describe`: starts the server before its tests. One of a `version` is started also where one is given. */
export function serverHere(version?: ElasticsearchVersion): ServerHere {
  const there = version === undefined ? given : undefined;
  let server: ElasticsearchServer | undefined;
  beforeAll(async () => {
    if (there === undefined) server = await startElasticsearch(version === undefined ? {} : { version });
  }, 300_000);
  const stop = async (): Promise<void> => {
    await server?.stop();
    server = undefined;
  };
  afterAll(stop);
  return {
    options: () => ({ nodes: [there ?? server?.url ?? ''], prefix: `t${process.pid}-${Date.now() % 1e6}-${++stores}`, replicas: 0 }),
    stop,
  };
}
