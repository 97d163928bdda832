/** A correlation of ours through the front door: from lines of a log to one alert that says why. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RawRecord } from '@vong/collector/contracts';
import type { AlertDetail, Explanation, RuleDetail } from '@vong/engine/contracts';
import { startServer, type TestServer } from '../deploy/testbed/vong.ts';
import { allAlerts, drained, enrol, eventsOfAlert, sendBatch, temporaryDirectory } from './harness/product.ts';

const samples = (file: string): string[] =>
  readFileSync(fileURLToPath(new URL(`../rules/correlation/ssh_brute_force_success/${file}`, import.meta.url)), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { raw: string }).raw);

function records(lines: readonly string[], from: string): RawRecord[] {
  return lines.map((raw, index) => ({
    id: `${from} ${index}`,
    source: 'file',
    format: 'syslog',
    collected: '2026-11-22T08:30:00.000Z',
    raw,
  }));
}

describe('passwords guessed over SSH until one was right', () => {
  let server: TestServer;
  let data: Awaited<ReturnType<typeof temporaryDirectory>>;

  beforeAll(async () => {
    data = await temporaryDirectory('correlation');
    server = await startServer({ data: data.path });
    const token = await enrol(server, 'gate');
    await sendBatch(server, { token, sequence: 1, records: records(samples('firing.ndjson'), 'firing') });
    await drained(server);
  }, 120_000);
  afterAll(async () => {
    await server.stop();
    await data.remove();
  });

  it('raise one alert with every event, of the correlation and not of the rules it is built of', async () => {
    const all = await allAlerts(server);
    for (const base of ['SSH Password Failed', 'SSH Password Accepted', 'Many Failed SSH Passwords From One Address'])
      expect(all.map(({ rule }) => rule.title)).not.toContain(base);
    const alerts = all.filter(({ rule }) => rule.title === 'SSH Password Guessed');
    expect(alerts).toMatchObject([{ rule: { title: 'SSH Password Guessed', level: 'high' }, host: 'cong-dvc', user: 'root', count: 9 }]);
    const events = await eventsOfAlert(server, alerts[0]!.id);
    expect(events.map(({ event }) => event.original)).toEqual(samples('firing.ndjson'));
  });
  it('say which rules, how often, for whom and within what; and why each event is part of it', async () => {
    const [{ id } = { id: '' }] = await allAlerts(server, { q: 'SSH Password Guessed' });
    const detail = await server.call<AlertDetail>(`/api/alerts/${id}`);
    expect(detail.correlation).toMatchObject({
      type: 'temporal_ordered',
      groupBy: [{ field: 'source.ip', value: '198.51.100.7' }],
      timespan: 900_000,
      rules: [
        { title: 'Many Failed SSH Passwords From One Address', count: 1 },
        { title: 'SSH Password Accepted', count: 1 },
      ],
    });
    expect(detail.ruleDetail).toMatchObject({ kind: 'correlation', title: 'SSH Password Guessed' });
    const last = (await eventsOfAlert(server, id)).at(-1);
    const why = await server.call<Explanation>(`/api/alerts/${id}/explain?event=${last?.event.id}`);
    expect(why.conditions[0]?.result).toBe(true);
  });
  it('can be switched off like any rule', async () => {
    const { items } = await server.call<{ items: RuleDetail[] }>('/api/rules?q=SSH%20Password%20Guessed');
    const rule = items.find(({ title }) => title === 'SSH Password Guessed');
    expect(rule).toMatchObject({ kind: 'correlation', enabled: true });
    await server.call(`/api/rules/${rule?.id}`, { method: 'PATCH', body: { enabled: false } });
    expect(await server.call<RuleDetail>(`/api/rules/${rule?.id}`)).toMatchObject({ enabled: false });
  });
});
