/** The newest Elasticsearch 9, asked by the client of 8.19: the store keeps there what it keeps on 8.19. */
import { describe, expect, it } from 'vitest';
import { elasticsearchMissing } from '../../../deploy/testbed/elasticsearch.ts';
import { elasticsearchStore } from './elasticsearch-store.ts';
import { serverHere } from './on-elasticsearch.ts';

const missing = await elasticsearchMissing('9');

describe.skipIf(missing !== undefined)(`on a real Elasticsearch 9${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  const server = serverHere('9');
  elasticsearchStore(server);

  it('is one of version 9', async () => {
    const answer = await fetch(`${server.options().nodes[0]}/_cat/nodes?h=version`);
    expect(await answer.text()).toMatch(/^9\./);
  });
});
