import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Explanation, PlaceholderView, RuleDetail, RuleState } from '@vong/engine/contracts';
import type { Change } from '@vong/platform/live';
import { startServer, type TestServer } from '../deploy/testbed/vong.ts';
import { allAlerts, comparable, drained, enrol, importRules, sendBatch, temporaryDirectory } from './harness/product.ts';

const [SERVERS, SOURCELESS, PLAIN] = [1, 2, 3].map((n) => `c0ffee00-0000-4000-8000-00000000001${n}`) as [string, string, string];
const PASSWORD = 'mot cau dai de nho 2026';

const rule = (id: string, text: { source?: string; selection: string }) => ({
  name: `${id}.yml`,
  text: `title: Rule ${id.slice(-2)}
id: ${id}
level: high
logsource: ${text.source ?? '{category: process_creation, product: windows}'}
detection:
  selection: ${text.selection}
  condition: selection
`,
});

function processOn(host: string, command: string, n: number) {
  const event = { Channel: 'Microsoft-Windows-Sysmon/Operational', SourceName: 'Microsoft-Windows-Sysmon', EventID: 1, Hostname: host };
  const raw = JSON.stringify({ ...event, Image: 'C:\\a.exe', CommandLine: command });
  return { id: String(n), source: 'file', format: 'windows' as const, collected: '2026-11-22T01:02:03.000Z', raw };
}

const removals: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const remove of removals.toReversed()) await remove();
});

async function start(env: Record<string, string> = {}): Promise<TestServer> {
  const data = await temporaryDirectory('rules-in-use');
  const server = await startServer({ data: data.path, env });
  removals.push(data.remove, () => server.kill());
  return server;
}

async function stateOf(server: TestServer, id: string, wanted: RuleState): Promise<RuleDetail> {
  await expect.poll(async () => (await server.call<RuleDetail>(`/api/rules/${id}`)).state, { timeout: 10_000 }).toBe(wanted);
  return await server.call<RuleDetail>(`/api/rules/${id}`);
}

describe('a rule with placeholders', () => {
  let server: TestServer;
  const tokens = new Map<string, string>();
  let sequence = 0;

  beforeAll(async () => {
    server = await start({ VONG_DETECTORS: '2' });
    for (const [code, parent] of [
      ['bo-a', 'vn'],
      ['cuc-a', 'bo-a'],
      ['bo-b', 'vn'],
    ] as const) {
      const kind = parent === 'vn' ? 'ministry' : 'unit';
      await server.call('/api/agencies', { method: 'POST', body: { code, nameVi: code, nameEn: code, kind, parent } });
      tokens.set(code, await enrol(server, `agent-${code}`, code));
    }
    await importRules(server, [
      rule(SERVERS, { selection: "{CommandLine|contains|expand: 'copy %Servers%'}" }),
      rule(SOURCELESS, { source: '{product: toaster}', selection: '{a: b}' }),
      rule(PLAIN, { selection: "{CommandLine|contains: 'copy'}" }),
    ]);
  }, 60_000);

  const give = async (agency: string, values: string[], replaces = false): Promise<unknown> =>
    await server.call('/api/placeholders/Servers', { method: 'PUT', body: { agency, values, replaces } });

  /** Sends a command that names each server from each agency; agency to the servers that were alerted on. */
  async function alertedOn(): Promise<Record<string, string[]>> {
    const n = ++sequence;
    for (const token of tokens.values()) {
      const records = ['alpha', 'beta', 'gamma'].map((name, i) => processOn(`${n}-${name}`, `copy ${name}`, n * 10 + i));
      await sendBatch(server, { token, sequence: n - 1, records });
    }
    await drained(server);
    const alerts = (await allAlerts(server, { rule: SERVERS })).filter(({ host }) => host.startsWith(`${n}-`));
    return Object.fromEntries(
      [...tokens.keys()].map((agency) => [
        agency,
        alerts
          .filter((alert) => alert.agency === agency)
          .map(({ host }) => host.slice(2))
          .sort(),
      ]),
    );
  }

  it('says that it needs values, and beside it the one without a log source and the one in use say what they are', async () => {
    expect((await stateOf(server, SERVERS, 'needs_values')).reason).toContain('%Servers%');
    await stateOf(server, SOURCELESS, 'no_logsource');
    expect((await stateOf(server, PLAIN, 'in_use')).inUse?.since).toBeGreaterThan(1_700_000_000_000);
    expect(await alertedOn()).toEqual({ 'bo-a': [], 'cuc-a': [], 'bo-b': [] });
    const listed = await server.call<{ items: { id: string }[] }>('/api/rules?state=needs_values,no_logsource&sort=state');
    expect(listed.items.map(({ id }) => id)).toEqual(expect.arrayContaining([SERVERS, SOURCELESS]));
  });

  it('sees in the events of an agency the values of that agency, inherited, extended and replaced', async () => {
    await give('bo-a', ['alpha']);
    await give('cuc-a', ['gam*']);
    await give('bo-b', ['beta']);
    expect((await stateOf(server, SERVERS, 'in_use')).placeholders).toEqual(['Servers']);
    expect(await alertedOn()).toEqual({ 'bo-a': ['alpha'], 'cuc-a': ['alpha', 'gamma'], 'bo-b': ['beta'] });
  });

  it('sees changed values within five seconds, without a restart and without the rule changing', async () => {
    await give('cuc-a', ['beta'], true);
    await give('bo-b', [], true);
    const view = await server.call<{ items: PlaceholderView[] }>('/api/placeholders?agency=cuc-a');
    expect(view.items).toMatchObject([
      { name: 'Servers', rules: [{ id: SERVERS }], inherited: ['alpha'], effective: ['beta'], own: { replaces: true } },
    ]);
    await expect.poll(alertedOn, { timeout: 5000, interval: 200 }).toEqual({ 'bo-a': ['alpha'], 'cuc-a': ['beta'], 'bo-b': [] });
  });

  it('is explained with the values of the agency', async () => {
    const alert = (await allAlerts(server, { rule: SERVERS })).find(({ agency }) => agency === 'bo-a');
    const { items } = await server.call<{ items: { event: { id: string } }[] }>(`/api/alerts/${alert?.id}/events`);
    const why = await server.call<Explanation>(`/api/alerts/${alert?.id}/explain?event=${items[0]?.event.id}`);
    expect(why).toMatchObject({ version: alert?.rule.version, matches: [{ field: 'CommandLine' }] });
  });

  it('an agency that comes later under a ministry inherits what the ministry gives', async () => {
    await server.call('/api/agencies', {
      method: 'POST',
      body: { code: 'phong-a', nameVi: 'x', nameEn: 'x', kind: 'unit', parent: 'cuc-a' },
    });
    const token = await enrol(server, 'agent-phong-a', 'phong-a');
    let n = 0;
    const seen = async (): Promise<number> => {
      await sendBatch(server, { token, sequence: n, records: [processOn(`late-${n}`, 'copy beta', ++n)] });
      await drained(server);
      return (await allAlerts(server, { rule: SERVERS, agency: 'phong-a' })).length;
    };
    await expect.poll(seen, { timeout: 10_000, interval: 300 }).toBeGreaterThan(0);
  });

  it('whoever has the rules open in a ministry hears that one has changed, and nothing of other agencies', async () => {
    const user = await server.call<{ id: string }>('/api/users', {
      method: 'POST',
      body: { name: 'xem', displayName: 'Xem', role: 'analyst', agency: 'bo-b' },
    });
    const { token } = await server.call<{ token: string }>(`/api/users/${user.id}/link`, { method: 'POST' });
    const headers = { 'content-type': 'application/json', 'x-vong': '1' };
    const answer = await fetch(`${server.url}/api/setup`, { method: 'POST', headers, body: JSON.stringify({ token, password: PASSWORD }) });
    const cookie = answer.headers.getSetCookie().map((each) => each.split(';')[0]);
    const socket = io(server.url, {
      path: '/live',
      extraHeaders: { cookie: cookie.join('; '), origin: server.url },
      transports: ['websocket'],
    });
    const seen: Change[] = [];
    socket.on('changes', (changes: Change[], acknowledge?: () => void) => {
      seen.push(...changes);
      acknowledge?.();
    });
    await new Promise((resolve) => socket.once('connect', () => resolve(undefined)));
    socket.emit('follow', { cursor: 0 });
    await server.call(`/api/rules/${PLAIN}`, { method: 'PATCH', body: { enabled: false } });
    await stateOf(server, PLAIN, 'off');
    // One for the switch, one when no detector runs it any more.
    await expect.poll(() => seen.filter(({ key }) => key === PLAIN).length, { timeout: 5000 }).toBeGreaterThanOrEqual(2);
    socket.close();
    expect(seen.every(({ kind, agency, body }) => (kind === 'rule' ? body === null : agency === 'bo-b'))).toBe(true);
  });
});

it('one detector thread and two raise the same alerts', { timeout: 90_000 }, async () => {
  const runs = ['1', '2'].map(async (threads) => {
    const server = await start({ VONG_DETECTORS: threads });
    await importRules(server, [
      rule(PLAIN, { selection: "{CommandLine|contains: 'copy'}" }),
      rule(SERVERS, { selection: "{CommandLine|endswith: '7'}" }),
    ]);
    const token = await enrol(server, 'same');
    for (let sequence = 0; sequence < 10; sequence++) {
      const records = Array.from({ length: 200 }, (_, i) => {
        const n = sequence * 200 + i;
        return processOn(`host-${n % 13}`, n % 3 === 0 ? `copy ${n}` : `type ${n}`, n);
      });
      await sendBatch(server, { token, sequence, records });
    }
    await drained(server);
    await sleep(200);
    return comparable(await allAlerts(server));
  });
  const [one, two] = await Promise.all(runs);
  expect(one?.length).toBe(26);
  expect(two).toEqual(one);
});
