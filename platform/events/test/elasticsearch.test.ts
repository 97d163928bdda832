import { afterAll, beforeAll, describe } from 'vitest';
import { elasticsearchMissing, startElasticsearch, type ElasticsearchServer } from '../../../deploy/testbed/elasticsearch.ts';
import { openElasticEventStore } from '../index.ts';
import { eventStoreConformance } from './conformance.ts';

const missing = await elasticsearchMissing();
const given = process.env['VONG_TEST_ELASTICSEARCH'];

describe.skipIf(missing !== undefined)(`on a real Elasticsearch${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let server: ElasticsearchServer;
  let stores = 0;
  const open = async (more = {}) =>
    openElasticEventStore({ nodes: [server.url], prefix: `t${process.pid}-${++stores}`, replicas: 0, ...more });
  beforeAll(async () => {
    server = given === undefined ? await startElasticsearch() : ({ url: given, stop: async () => undefined } as never);
  });
  afterAll(() => server?.stop());

  eventStoreConformance('Elasticsearch', { open: () => open() });
});
