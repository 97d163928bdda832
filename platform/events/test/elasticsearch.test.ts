import { readFileSync, existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sharedPath } from '../../../deploy/testbed/shared.ts';
import { COLUMNS } from '../columns.ts';
import { openElasticEventStore } from '../index.ts';
import { ecsMapping } from '../elasticsearch/templates.ts';
import { elasticsearchStore } from './elasticsearch-store.ts';
import { elasticsearch, serverHere } from './on-elasticsearch.ts';

const { missing } = elasticsearch;
const FIELDS = sharedPath('spec', 'ecs', 'fields.csv');

/** ECS types that ours may stand for: `wildcard` and `constant_keyword` are keywords to whoever asks. */
const FAMILY: Readonly<Record<string, string>> = { wildcard: 'keyword', constant_keyword: 'keyword', match_only_text: 'text' };

it.skipIf(!existsSync(FIELDS))('the columns have the types of ECS', () => {
  const rows = readFileSync(FIELDS, 'utf8')
    .split('\n')
    .map((row) => row.split(','));
  const types = new Map(rows.map(([, , , field = '', type = '']) => [field, FAMILY[type] ?? type]));
  const known = COLUMNS.filter(({ field }) => types.has(field));
  expect(known.length).toBeGreaterThan(40);
  for (const column of known) {
    const own = ecsMapping(column)?.['type'] ?? 'text';
    // The raw record is no keyword here: parts of it are searched.
    expect([column.field, own]).toEqual([column.field, column.field === 'event.original' ? 'text' : types.get(column.field)]);
  }
});

it.each([
  [{ nodes: [] }, 'nodes'],
  [{ nodes: ['es:9200'] }, 'nodes'],
  [{ nodes: ['http://es:9200'], prefix: 'A*' }, 'prefix'],
  [{ nodes: ['http://es:9200'], replicas: -1 }, 'replicas'],
  [{ nodes: ['http://es:9200'], classes: { a: 'no-dash' } }, 'classes'],
  [{ nodes: ['http://es:9200'], user: 'u', apiKey: 'k' }, 'apiKey'],
])('refuses the settings %j', async (options, name) => {
  await expect(openElasticEventStore(options)).rejects.toMatchObject({ code: 'EVENTS_STORE_OPTIONS', details: { name } });
});

it('says that no server answers, without a word of what was asked', async () => {
  const opening = openElasticEventStore({ nodes: ['http://user:secret@127.0.0.1:1'], user: 'u', password: 'hidden', patienceMs: 100 });
  const error: unknown = await opening.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'EVENTS_STORE_UNAVAILABLE' });
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/secret|hidden/);
});

describe.skipIf(missing !== undefined)(`on a real Elasticsearch${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  elasticsearchStore(serverHere());
});
