/** The administrator's processing pipelines and Sigma filters on a running server: what they change, and that a change is taken up. */
import { rm, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RuleDetail, RulePipelines } from '@vong/engine/contracts';
import { startServer, type TestServer } from '../deploy/testbed/vong.ts';
import { allAlerts, drained, enrol, importRules, sendBatch, temporaryDirectory } from './harness/product.ts';

const FILTER = 'c0ffee00-0000-4000-8000-0000000000f1';
/** Field names that no event has: only a pipeline leads from them to the events. */
const RULES = `title: Marked command
id: c0ffee00-0000-4000-8000-0000000000a1
name: marked
level: low
logsource: {product: windows, category: process_creation}
detection: {selection: {Befehl|contains: marker}, condition: selection}
---
title: Marked again and again
id: c0ffee00-0000-4000-8000-0000000000c1
level: high
correlation:
    type: value_count
    rules: [marked]
    group-by: [Rechner, wer]
    timespan: 10m
    aliases: {wer: {marked: Konto}}
    condition: {gte: 3, field: Befehl}
`;
const SINGLE = `title: Single marker
id: c0ffee00-0000-4000-8000-0000000000b1
level: high
logsource: {product: windows, category: process_creation}
detection: {selection: {Befehl|contains: single}, condition: selection}
`;
const filter = `title: Known host
id: ${FILTER}
logsource: {product: windows, category: process_creation}
filter: {rules: [c0ffee00-0000-4000-8000-0000000000b1], known: {Rechner: quiet}, condition: not known}
`;
const pipeline = (command: string): string =>
  `name: names of ours\ntransformations:\n  - type: field_name_mapping\n    mapping: {Befehl: ${command}, Rechner: host.name, Konto: user.name}\n`;

let data: Awaited<ReturnType<typeof temporaryDirectory>>;
let folder: string;
let server: TestServer;
let token: string;
let sequence = 0;

const start = async (): Promise<TestServer> => await startServer({ data: data.path, env: { VONG_PIPELINES: folder } });

async function run(events: readonly { host: string; command: string; image?: string }[]): Promise<void> {
  const records = events.map(({ host, command, image = 'C:\\a.exe' }, i) => ({
    id: `${sequence} ${i}`,
    source: 'file',
    format: 'windows' as const,
    collected: new Date().toISOString(),
    raw: JSON.stringify({
      Channel: 'Microsoft-Windows-Sysmon/Operational',
      SourceName: 'Microsoft-Windows-Sysmon',
      EventID: 1,
      Hostname: host,
      User: 'BO\\binh',
      Image: image,
      CommandLine: command,
    }),
  }));
  await sendBatch(server, { token, sequence: ++sequence, records });
  await drained(server);
}

const pipelines = async (): Promise<RulePipelines> => await server.call<RulePipelines>('/api/rules/pipelines');

async function until(holds: (now: RulePipelines) => boolean): Promise<RulePipelines> {
  for (let i = 0; i < 300; i++) {
    const now = await pipelines();
    if (holds(now)) return now;
    await sleep(100);
  }
  throw new Error(`it did not come about: ${JSON.stringify(await pipelines())}`);
}

async function switched(enabled: boolean): Promise<void> {
  await server.call(`/api/rules/${FILTER}`, { method: 'PATCH', body: { enabled } });
  const wanted = enabled ? 'in_use' : 'off';
  for (let i = 0; (await server.call<RuleDetail>(`/api/rules/${FILTER}`)).state !== wanted; i++) {
    if (i > 300) throw new Error('the filter was not switched');
    await sleep(100);
  }
}

const hostsOf = async (title: string): Promise<string[]> =>
  (await allAlerts(server))
    .filter(({ rule }) => rule.title === title)
    .map(({ host }) => host)
    .toSorted();

beforeAll(async () => {
  data = await temporaryDirectory('pipelines');
  folder = join(data.path, 'own-pipelines');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'names.yml'), pipeline('process.command_line'));
  server = await start();
  token = await enrol(server, 'gate');
  await importRules(server, [
    { name: 'marked.yml', text: RULES },
    { name: 'single.yml', text: SINGLE },
    { name: 'known.yml', text: filter },
  ]);
}, 120_000);

afterAll(async () => {
  await server.stop();
  await data.remove();
});

describe('processing pipelines', () => {
  it('give correlations, their aliases and conditions, and the rules below them the names of fields in the events', async () => {
    await run([1, 2, 3].map((n) => ({ host: 'h1', command: `marker ${n}` })));
    await run([1, 1, 2].map((n) => ({ host: 'h2', command: `marker ${n}` })));
    expect(await hostsOf('Marked again and again')).toEqual(['h1']);
  });
  it('are in use from when their file changes, in every thread, correlations included; nobody starts anything again', async () => {
    const before = await until(({ since }) => since !== undefined);
    expect(before.processing).toMatchObject([{ file: 'names.yml', name: 'names of ours', transformations: 1 }]);
    await writeFile(join(folder, 'names.yml'), pipeline('process.executable'));
    await until(({ processing, since }) => since !== undefined && processing[0]?.version !== before.processing[0]?.version);
    await run([1, 2, 3].map((n) => ({ host: 'h3', command: 'none', image: `C:\\marker${n}.exe` })));
    await run([1, 2, 3].map((n) => ({ host: 'h4', command: `marker ${n}` })));
    expect(await hostsOf('Marked again and again')).toEqual(['h1', 'h3']);
  });
  it('that are broken leave those of before in use, and the answer says which file, where and why', async () => {
    await writeFile(join(folder, 'zz.yml'), 'transformations:\n  - type: invented\n');
    const { problem, processing } = await until((now) => now.problem !== undefined);
    expect(problem).toMatchObject({ file: 'zz.yml', line: 2, reason: expect.stringContaining('"invented" is not known') });
    expect(processing.map(({ file }) => file)).toEqual(['names.yml']);
    await run([1, 2, 3].map((n) => ({ host: 'h5', command: 'none', image: `C:\\marker${n}.exe` })));
    expect(await hostsOf('Marked again and again')).toEqual(['h1', 'h3', 'h5']);
    await rm(join(folder, 'zz.yml'));
    await until((now) => now.problem === undefined);
  });
});

describe('a Sigma filter of the rulebook', () => {
  it('takes effect when it is switched on and off, its fields named by the pipelines', async () => {
    const single = (n: number, host: string) => ({ host, command: 'none', image: `C:\\single${n}.exe` });
    await run([single(1, 'quiet'), single(1, 'loud')]);
    expect(await hostsOf('Single marker')).toEqual(['loud']);
    await switched(false);
    await run([single(2, 'quiet')]);
    expect(await hostsOf('Single marker')).toEqual(['loud', 'quiet']);
  });
});
