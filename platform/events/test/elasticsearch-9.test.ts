/** The client of 8.19 and the newest Elasticsearch 9: the store keeps there what it promises, and so does the doctor of it. */
import { describe, expect, it } from 'vitest';
import { elasticsearchMissing } from '../../../deploy/testbed/elasticsearch.ts';
import { elasticsearchStore } from './elasticsearch-store.ts';
import { serverHere } from './on-elasticsearch.ts';

const missing = await elasticsearchMissing('9');

describe.skipIf(missing !== undefined)(`on a real Elasticsearch 9${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  const server = serverHere('9');
  elasticsearchStore(server);

  it('is one of version 9', async () => {
    const info: unknown = await (await fetch(`${server.options().nodes[0]}/_nodes/_local`)).json();
    expect(info).toMatchObject({ nodes: expect.anything() as unknown });
    expect(Object.values((info as { nodes: Record<string, { version: string }> }).nodes)[0]?.version).toMatch(/^9\./);
  });
});
