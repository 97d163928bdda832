import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elasticsearchMissing, startElasticsearch, type ElasticsearchServer } from '../../../deploy/testbed/elasticsearch.ts';
import { doctor, wrong } from './doctor.ts';

const missing = await elasticsearchMissing();

describe.skipIf(missing !== undefined)(`the doctor of a real Elasticsearch${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let server: ElasticsearchServer;
  const env = (more: Record<string, string> = {}) => ({ VONG_ELASTICSEARCH: server.url, ...more });
  const lines = async (more: Record<string, string> = {}) => wrong(await doctor(env(more), 'elasticsearch')).join('\n');
  const put = async (path: string, body: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${server.url}${path}`, { method: 'PUT', headers, body: JSON.stringify(body) });
    expect(await answer.text()).toContain('"acknowledged":true');
  };
  const disk = async (values: Record<string, unknown>): Promise<void> => {
    const persistent = Object.entries(values).map(([name, value]) => [`cluster.routing.allocation.disk.${name}`, value] as const);
    await put('/_cluster/settings', { persistent: Object.fromEntries(persistent) });
  };
  const watermarks = async (value: string | null): Promise<void> =>
    await disk({ 'watermark.low': value, 'watermark.high': value, 'watermark.flood_stage': value });

  beforeAll(async () => {
    server = await startElasticsearch({ settings: { 'cluster.routing.allocation.disk.threshold_enabled': true } });
  });
  afterAll(() => server?.stop());

  it('says version, clock, disk and templates of one that is well', async () => {
    const findings = await doctor(env(), 'elasticsearch');
    expect(wrong(findings).filter((line) => !line.includes('elasticsearch disk'))).toEqual([]);
    const found = new Map(findings.map(({ check, level, found }) => [check, `${level} ${found}`]));
    expect(found.get('elasticsearch cluster')).toMatch(/^ok green, 1 nodes/);
    expect(found.get('elasticsearch version')).toMatch(/^ok 8\.19\.\d+$/);
    expect(found.get('elasticsearch clock n1')).toMatch(/^ok its clock agrees/);
    expect(found.get('elasticsearch disk n1')).toMatch(/free \(watermarks 85%, 90%, 95%\)/);
    expect(found.get('elasticsearch templates')).toBe('ok not there yet; the first process to start makes them');
  });

  it('names copies that have no node, indices closed for writing, disks beyond their watermark', async () => {
    await put('/vong-events-1', { settings: { number_of_replicas: 1, 'index.blocks.read_only_allow_delete': true } });
    await put('/vong-events-2', { settings: { number_of_replicas: 0, 'index.blocks.write': true } });
    await put('/_index_template/vong-events', { index_patterns: ['vong-events-*'] });
    await watermarks('900tb');
    const found = await lines();
    expect(found).toMatch(/warning elasticsearch cluster: yellow, .*set VONG_ELASTICSEARCH_REPLICAS=0/);
    expect(found).toMatch(/problem elasticsearch indices: 1 are closed .*vong-events-1 .*read_only_allow_delete":null/);
    expect(found).toMatch(/problem elasticsearch disk n1: .*closed for writing/);
    expect(found).toMatch(/problem elasticsearch templates: missing: vong-settings, vong-ecs, vong-find, vong-store;/);
    await watermarks(null);
    await disk({ threshold_enabled: false });
    expect(await lines()).toMatch(/warning elasticsearch watermarks: .*threshold_enabled":true/);
  });

  it('names one that hangs and one that is stopped', async () => {
    server.pause();
    expect(await lines()).toMatch(/problem elasticsearch 127.*(timed out|no answer).*hangs, is overloaded/i);
    server.resume();
    await server.kill();
    // Its launcher ends a moment before it.
    await expect.poll(() => lines()).toMatch(/ECONNREFUSED.*start Elasticsearch/);
    expect(await lines()).toContain('not looked at: no node answers');
  });
});
