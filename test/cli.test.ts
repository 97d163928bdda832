/** The command line against a running server: what it prints, and how it ends. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentCreated, AgentView } from '@vong/collector/contracts';
import type { RuleSummary } from '@vong/engine/contracts';
import { startServer, type TestServer } from '../deploy/testbed/vong.ts';
import { start, vong } from './harness/process.ts';
import { allEvents, drained, temporaryDirectory } from './harness/product.ts';

const RULE = '66666666-6666-4666-8666-666666666666';
const COMMANDS = [
  ['serve'],
  ['doctor'],
  ['migrate'],
  ['migrate', 'embedded-to-cluster'],
  ['agent'],
  ['replay'],
  ['rules'],
  ['rules', 'list'],
  ['rules', 'import'],
  ['rules', 'enable'],
  ['rules', 'disable'],
  ['sigma'],
  ['sigma', 'eval'],
  ['sigma', 'lint'],
  ['sigma', 'explain'],
  ['sigma', 'test'],
  ['search'],
  ['bench'],
  ['bench', 'pipeline'],
];

const yaml = (title: string): string => `title: ${title}
id: ${RULE}
status: test
level: high
logsource:
  category: process_creation
  product: windows
detection:
  selection:
    CommandLine|contains: 'whoami'
  condition: selection
`;

let server: TestServer;
let work: { path: string; remove: () => Promise<void> };
let data: string;
let recording: string;

beforeAll(async () => {
  work = await temporaryDirectory('cli');
  data = join(work.path, 'data');
  server = await startServer({ data });
  recording = join(work.path, 'attack.ndjson');
  const event = { '@timestamp': '2026-11-22T03:00:00.000Z', Channel: 'Microsoft-Windows-Sysmon/Operational', EventID: 1, Computer: 'ws07' };
  const lines = Array.from({ length: 25 }, (_, n) =>
    JSON.stringify({ ...event, EventRecordID: n, Image: 'C:\\a.exe', CommandLine: `whoami ${n}` }),
  );
  writeFileSync(recording, `${lines.join('\n')}\n`);
});

afterAll(async () => {
  await server.stop();
  await work.remove();
});

/** A command that speaks to the server of this test. */
async function cli(...args: string[]) {
  return await vong([...args, '--data', data]);
}

describe('help', () => {
  it('names every command and every exit code, and ends with 0', async () => {
    const { code, stdout, stderr } = await vong(['help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const [command] of COMMANDS) expect(stdout).toContain(`\n  ${command} `);
    for (const line of ['0  done', '1  the work failed', '2  bad arguments', '3  the server refused', '4  no server reachable'])
      expect(stdout).toContain(line);
  });

  it('is there for every command, with its exit codes where it does something', { timeout: 60_000 }, async () => {
    for (const command of COMMANDS) {
      const { code, stdout, stderr } = await vong([...command, '--help']);
      expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
      expect(stdout).toContain(`Usage: vong ${command.join(' ')}`);
      if (!stdout.includes('Commands:')) expect(stdout).toMatch(/Exit codes:\n {2}0 {2}/);
    }
  });
});

describe('exit code 2: bad arguments, said in a sentence, without a stack', () => {
  it.each([
    [['frobnicate'], "unknown command 'frobnicate'"],
    [[], 'Usage: vong'],
    [['rules'], 'Usage: vong rules'],
    [['search'], "missing required argument 'kql'"],
    [['search', 'x', '--limit', 'many'], '--limit is "many"'],
    [['search', 'x', '--from', 'yesterday'], '--from is "yesterday"'],
    [['search', 'x', '--url', 'nowhere', '--token', 't'], '"nowhere" is no address'],
    [['replay', 'x.ndjson'], "required option '--agency <code>'"],
    [['replay', 'missing.ndjson', '--agency', 'vn'], 'missing.ndjson does not exist'],
    [['replay', 'missing.ndjson', '--agency', 'vn', '--speed', 'fast'], '--speed is "fast"'],
    [['rules', 'import', 'missing-folder'], 'missing-folder does not exist'],
    [['bench', 'pipeline', '--seconds', 'long'], '--seconds is "long" and must be a whole number of at least 1.'],
    [['agent', '--format', 'klingon'], "option '--format <format>' argument 'klingon' is invalid"],
    [['migrate', 'embedded-to-cluster', '--data', 'nothing'], 'The settings name no cluster to move to'],
    [['sigma', 'eval'], "required option '--rules <dir...>'"],
  ])('%j', async (args, says) => {
    const { code, stdout, stderr } = await vong(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(says);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('exit code 4: no server', () => {
  it('when the data directory has none, and when the address does not answer', async () => {
    const none = await vong(['search', 'x', '--data', join(work.path, 'nothing')]);
    expect(none).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('No server found: start one with "npm start"') });
    const silent = await vong(['rules', 'list', '--url', 'http://127.0.0.1:9', '--token', 'x']);
    expect(silent).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('does not answer. Is it running?') });
  });
});

describe('exit code 3: the server refuses', () => {
  it('a wrong key', async () => {
    const { code, stderr } = await vong(['rules', 'list', '--url', server.url, '--token', 'wrong']);
    expect({ code, stderr }).toEqual({ code: 3, stderr: 'vong: Sign in first, or send a valid key.\n' });
  });

  it('an unknown agency, before anything is sent', async () => {
    const { code, stdout, stderr } = await cli('replay', recording, '--agency', 'atlantis');
    expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: '', stderr: 'vong: There is no agency atlantis in your reach.\n' });
    expect((await server.call<{ items: AgentView[] }>('/api/agents')).items.map(({ agency }) => agency)).not.toContain('atlantis');
  });
});

describe('rules', () => {
  it('are imported from a folder, unchanged the second time, updated when the file changed', async () => {
    const folder = join(work.path, 'rules');
    mkdirSync(join(folder, 'deep'), { recursive: true });
    writeFileSync(join(folder, 'deep', 'who.yml'), yaml('Who am I'));
    expect(await cli('rules', 'import', folder)).toEqual({ code: 0, stdout: '1 imported, 0 updated, 0 unchanged, 0 failed\n', stderr: '' });
    expect(await cli('rules', 'import', folder)).toMatchObject({ code: 0, stdout: '0 imported, 0 updated, 1 unchanged, 0 failed\n' });
    writeFileSync(join(folder, 'deep', 'who.yml'), yaml('Who am I, again'));
    const { stdout } = await cli('rules', 'import', join(folder, 'deep', 'who.yml'), '--json');
    expect(JSON.parse(stdout)).toEqual({ imported: 0, updated: 1, unchanged: 0, failed: [] });
  });

  it('that cannot be read are named with file, line and reason, and end with 1; the others are in', async () => {
    const folder = join(work.path, 'mixed');
    mkdirSync(folder);
    writeFileSync(join(folder, 'bad.yml'), 'title: Bad\ndetection:\n  selection: [unclosed\n');
    writeFileSync(join(folder, 'good.yml'), yaml('Who am I, once more'));
    const { code, stdout, stderr } = await cli('rules', 'import', folder);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '0 imported, 1 updated, 0 unchanged, 1 failed\n' });
    expect(stderr).toMatch(/^bad\.yml:\d+: SIGMA_YAML /);
    expect(stderr).toContain('1 rules could not be read; the others are in.');
  });

  it('are listed, switched off and on', async () => {
    expect((await cli('rules', 'list')).stdout).toContain(`${RULE}  high           on   Who am I`);
    expect(await cli('rules', 'disable', RULE)).toEqual({ code: 0, stdout: '1 changed\n', stderr: '' });
    expect(await cli('rules', 'disable', RULE)).toMatchObject({ code: 0, stdout: '0 changed\n' });
    const { stdout } = await cli('rules', 'list', '--json');
    const rules = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RuleSummary);
    expect(rules.length).toBeGreaterThan(1);
    expect(rules.find(({ id }) => id === RULE)).toMatchObject({ enabled: false, level: 'high' });
    expect(await cli('rules', 'enable', RULE)).toMatchObject({ code: 0, stdout: '1 changed\n' });
  });

  it('switching one that does not exist ends with 3 and says so', async () => {
    const { code, stderr } = await cli('rules', 'enable', 'no-such-rule');
    expect(code).toBe(3);
    expect(stderr).toContain('no-such-rule');
  });

  it('from a file that holds none are refused with what to send', async () => {
    const file = join(work.path, 'notes.txt');
    writeFileSync(file, 'hi');
    const { code, stderr } = await cli('rules', 'import', file);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'vong: The upload holds no .yml or .yaml file. Send Sigma rules, or a zip of them.\n',
    });
  });
});

describe('agent', () => {
  it('works with the command exactly as the console shows it', async () => {
    const { command } = await server.call<AgentCreated>('/api/agents', { method: 'POST', body: { agency: 'vn', name: 'shown' } });
    const [program, ...args] = command.split(' ');
    expect(program).toBe('./vong');
    const file = join(work.path, 'shown.log');
    writeFileSync(file, 'a line of the shown agent\n');
    const agent = start('cli/main.ts', [...args, '--file', file], { XDG_STATE_HOME: join(work.path, 'state') });
    const shown = async () => (await server.call<{ items: AgentView[] }>('/api/agents')).items.find(({ name }) => name === 'shown');
    await expect.poll(async () => (await shown())?.received, { timeout: 20_000 }).toBe(1);
    agent.child.kill('SIGTERM');
    expect((await agent.ended).code).toBe(0);
  }, 60_000);
});

describe('replay and search', () => {
  it('send a recording through the gateway, once however often, and leave no agent behind', async () => {
    const args = ['replay', recording, '--agency', 'vn', '--speed', '0', '--name', 'recorded'];
    const first = await cli(...args);
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^25 events sent in [\d.]+ s\n$/), stderr: '' });
    const { code, stdout } = await cli(...args, '--json');
    expect({ code, result: JSON.parse(stdout) }).toMatchObject({ code: 0, result: { sent: 25, deadLettered: 0, cancelled: false } });
    await drained(server);
    expect(await allEvents(server, 'host.name: ws07')).toHaveLength(25);
    const { items } = await server.call<{ items: AgentView[] }>('/api/agents');
    expect(items.filter(({ name, state }) => name === 'recorded' && state !== 'revoked')).toEqual([]);
  });

  it('search prints one JSON event per line, in the order asked, at most the limit', async () => {
    const all = await cli('search', 'host.name: ws07', '--json', '--limit', '0', '--order', 'oldest');
    const events = all.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { winlog: { record_id: number } });
    expect(events).toHaveLength(25);
    expect(all).toMatchObject({ code: 0, stderr: '' });
    const three = await cli('search', 'host.name: ws07 and whoami', '--limit', '3');
    expect(three.stdout.trim().split('\n')).toHaveLength(3);
    expect(three).toMatchObject({ code: 0, stderr: '3 events\n', stdout: expect.stringContaining('ws07') });
    const early = await cli('search', 'host.name: ws07', '--to', '2026-11-22T02:59:59Z');
    expect(early).toMatchObject({ code: 0, stdout: '', stderr: '0 events\n' });
  });

  it('a query that does not parse ends with 2 and says where', async () => {
    const { code, stdout, stderr } = await cli('search', 'host.name: (');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^vong: The query can not be read at position \d+: expected .+, found .+\n$/);
  });

  it('search for an agency that does not exist is refused', async () => {
    expect(await cli('search', 'x', '--agency', 'atlantis')).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining('atlantis'),
    });
  });
});

describe('sigma eval', () => {
  it('prints line and rule of every match, without a server', async () => {
    const { code, stdout, stderr } = await vong(['sigma', 'eval', '--rules', join(work.path, 'rules'), '--events', recording, '--json']);
    const matches = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { line: number; rule: string });
    expect(matches).toHaveLength(25);
    expect(matches[0]).toMatchObject({ line: 1, rule: RULE });
    expect({ code, summary: JSON.parse(stderr) }).toMatchObject({
      code: 0,
      summary: { rules: 1, events: 25, matches: 25, unreadable: 0, failed: [] },
    });
  });

  it('ends with 1 when lines are no objects, and with 2 when there are no rules', async () => {
    const events = join(work.path, 'broken.ndjson');
    writeFileSync(events, '{"EventID":1}\nnot json\n');
    expect(await vong(['sigma', 'eval', '--rules', join(work.path, 'rules'), '--events', events])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('1 lines are not JSON objects'),
    });
    mkdirSync(join(work.path, 'empty'));
    expect(await vong(['sigma', 'eval', '--rules', join(work.path, 'empty'), '--events', events])).toMatchObject({ code: 2, stdout: '' });
  });
});
