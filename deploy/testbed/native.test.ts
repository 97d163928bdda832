import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { freePort, spawnServer, type NativeServer } from './native.ts';

/** An init process may take its time to reap what was orphaned; until then the pid is there. */
const PATIENCE = { timeout: 20_000 };
const directory = mkdtempSync(join(tmpdir(), 'vong-native-'));
afterAll(() => rmSync(directory, { recursive: true }));

// Answers with its pid; starts a process of its own that would outlive it.
const SERVER = `
const grandchild = require('node:child_process').spawn('sleep', ['1000']);
require('node:net').createServer((socket) => socket.end(process.pid + ' ' + grandchild.pid)).listen(Number(process.argv[1]), '127.0.0.1');
`;

function ask(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect({ host: '127.0.0.1', port, timeout: 500 });
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.once('end', () => resolve(text));
    socket.once('timeout', () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
  });
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function open(name: string): Promise<{ server: NativeServer; port: number }> {
  const port = await freePort();
  const server = await spawnServer({
    name,
    command: process.execPath,
    args: ['-e', SERVER, String(port)],
    log: join(directory, `${name}.log`),
    ready: async () => (await ask(port)) !== '',
    timeoutMs: 20_000,
  });
  return { server, port };
}

describe('a server of the testbed', () => {
  it('is ready when started, and stops with what it started', async () => {
    const { server, port } = await open('stops');
    const pids = (await ask(port)).split(' ').map(Number);
    expect(pids[0]).toBe(server.pid);
    await server.stop();
    expect(await server.exited).toBe(143);
    await vi.waitFor(() => expect(pids.map(lives)).toEqual([false, false]), PATIENCE);
    await server.stop();
  });

  it('can be killed and restarted on its port', async () => {
    const { server, port } = await open('restarts');
    const before = server.pid;
    await server.kill();
    expect(await server.exited).toBe(137);
    await expect(ask(port)).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    expect(server.pid).not.toBe(before);
    expect(await ask(port)).toMatch(`${server.pid} `);
    await server.stop();
  });

  it('that hangs does not answer until it goes on', async () => {
    const { server, port } = await open('hangs');
    server.pause();
    await expect(ask(port)).rejects.toThrow('no answer');
    server.resume();
    await vi.waitFor(async () => expect(await ask(port)).toMatch(`${server.pid} `), PATIENCE);
    await server.stop();
  });

  it('that cannot start is an error with what it said', async () => {
    const refused = spawnServer({
      name: 'Broken',
      command: 'bash',
      args: ['-c', 'echo the disk is missing; exit 3'],
      log: join(directory, 'broken.log'),
      ready: async () => false,
      timeoutMs: 20_000,
    });
    await expect(refused).rejects.toThrow(/Broken ended at once with code 3:\nthe disk is missing/);
  });

  it.each(['goes on', 'hangs'])('ends with the process that started it, killed with SIGKILL while the server %s', async (state) => {
    const native = fileURLToPath(new URL('native.ts', import.meta.url));
    const port = await freePort();
    const starter = `
      import { connect } from 'node:net';
      import { spawnServer } from ${JSON.stringify(native)};
      const server = await spawnServer({ name: 'left', command: process.execPath, args: ['-e', ${JSON.stringify(SERVER)}, '${port}'],
        log: ${JSON.stringify(join(directory, 'left.log'))}, ready: () => new Promise((resolve) => connect(${port}, '127.0.0.1').on('connect', () => resolve(true)).on('error', () => resolve(false))),
        timeoutMs: 20000 });
      if (${JSON.stringify(state)} === 'hangs') server.pause();
      console.log('started ' + server.pid);
      setInterval(() => {}, 1000);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', starter], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const pid = Number(/started (\d+)/.exec(line.toString())?.[1]);
    expect(lives(pid)).toBe(true);
    child.kill('SIGKILL');
    await vi.waitFor(() => expect(lives(pid)).toBe(false), PATIENCE);
    await expect(ask(port)).rejects.toThrow('ECONNREFUSED');
  });

  it('gets a port that nobody uses', async () => {
    const port = await freePort();
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    expect(port).toBeLessThan(32_768);
  });
});
