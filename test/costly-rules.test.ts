/** Rules that would take for ever, against a running server: it goes on, and only what costs too much is switched off. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RuleDetail } from '@vong/engine/contracts';
import { startServer, type TestServer } from '../deploy/testbed/vong.ts';
import { record, Sender, zstd } from './harness/front-door.ts';
import { allAlerts, drained, importRules, temporaryDirectory } from './harness/product.ts';
import { expectSound } from './harness/sound.ts';

let server: TestServer;
let data: { path: string; remove: () => Promise<void> };

beforeAll(async () => {
  data = await temporaryDirectory('costly-rules');
  server = await startServer({ data: data.path });
});

afterAll(async () => {
  await server.kill();
  await data.remove();
});

const ruleOf = (id: string, pattern: string): string => `title: Pattern ${id.slice(0, 4)}
id: ${id}
status: test
level: high
logsource:
  category: process_creation
  product: windows
detection:
  selection:
    CommandLine|re: '${pattern}'
  condition: selection
`;

const NESTED = '11111111-1111-4111-8111-111111111111';
const TWOFOLD = '22222222-2222-4222-8222-222222222222';
const COSTLY = '33333333-3333-4333-8333-333333333333';
const MARKER = '44444444-4444-4444-8444-444444444444';

function process(id: number, commandLine: string, computer = 'ws01') {
  const raw = {
    '@timestamp': new Date().toISOString(),
    Channel: 'Microsoft-Windows-Sysmon/Operational',
    Provider_Name: 'Microsoft-Windows-Sysmon',
    EventID: 1,
    EventRecordID: id,
    Computer: computer,
    Image: 'C:\\Windows\\System32\\cmd.exe',
    CommandLine: commandLine,
  };
  return record(String(id), JSON.stringify(raw));
}

/** Text on which a backtracking engine would take longer than the age of the universe. */
const EVIL = `${'a'.repeat(5000)}!`;

describe('a rule with a catastrophic regular expression', () => {
  beforeAll(async () => {
    const result = await importRules(server, [
      { name: 'nested.yml', text: ruleOf(NESTED, '(a+)+$') },
      { name: 'twofold.yml', text: ruleOf(TWOFOLD, '(x+x+)+y') },
      { name: 'marker.yml', text: ruleOf(MARKER, 'marker-[0-9]+') },
    ]);
    if (result.imported !== 3) throw new Error(`the rules were not imported: ${JSON.stringify(result)}`);
  });

  it('stalls nothing: 200 events made to trigger it and 200 others are detected and searchable within seconds', async () => {
    const sender = await Sender.enrolled(server);
    const evil = Array.from({ length: 200 }, (_, n) => process(n, n % 2 === 0 ? EVIL : `${'x'.repeat(5000)}!`));
    const plain = Array.from({ length: 200 }, (_, n) => process(1000 + n, `cmd /c marker-${n}`, `host-${n}`));
    const started = performance.now();
    expect((await sender.send(zstd(...evil))).status).toBe(200);
    expect((await sender.send(zstd(...plain))).status).toBe(200);
    expect(await sender.stored()).toHaveLength(400);
    expect(performance.now() - started).toBeLessThan(40_000);
    const alerts = await allAlerts(server, { rule: MARKER });
    expect(new Set(alerts.map((alert) => alert.host)).size).toBe(200);
    expect(await allAlerts(server, { rule: NESTED })).toEqual([]);
  });

  it('still finds what it means, and only that', async () => {
    const sender = await Sender.enrolled(server);
    const body = zstd(process(1, 'cmd aaaa', 'nested'), process(2, 'cmd xxxy', 'twofold'), process(3, 'cmd xy', 'neither'));
    expect((await sender.send(body)).status).toBe(200);
    await drained(server);
    expect((await allAlerts(server, { rule: NESTED })).map((alert) => alert.host)).toEqual(['nested']);
    expect((await allAlerts(server, { rule: TWOFOLD })).map((alert) => alert.host)).toEqual(['twofold']);
  });

  it('that costs more than one event may cost even so is switched off and reported; the others go on', async () => {
    await importRules(server, [{ name: 'costly.yml', text: ruleOf(COSTLY, '[ab]*a[ab]{400}c') }]);
    const sender = await Sender.enrolled(server);
    const noise = `c ${randomBytes(2000)
      .toString('binary')
      .replaceAll(/./gs, (byte) => byte.charCodeAt(0).toString(2))
      .replaceAll('0', 'a')
      .replaceAll('1', 'b')}`;
    expect((await sender.send(zstd(process(1, `${noise} marker-1`, 'after-the-fault')))).status).toBe(200);
    expect((await sender.send(zstd(process(2, 'cmd marker-2', 'long-after')))).status).toBe(200);
    expect(await sender.stored()).toHaveLength(2);
    const hosts = (await allAlerts(server, { rule: MARKER })).map((alert) => alert.host);
    expect(hosts).toEqual(expect.arrayContaining(['after-the-fault', 'long-after']));
    await expect
      .poll(async () => (await server.call<RuleDetail>(`/api/rules/${COSTLY}`)).reason, { timeout: 10_000 })
      .toMatch(/more steps than an event may cost/);
  });
});

describe('through all of it', () => {
  it('the server answers, no part of it failed, and it stops cleanly', async () => {
    await expectSound(server);
  });
});
