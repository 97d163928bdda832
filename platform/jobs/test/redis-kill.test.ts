import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startRedis, type RedisServer } from '../../../deploy/testbed/redis.ts';
import { available } from '../../../deploy/testbed/servers.ts';
import { systemClock } from '../../clock/index.ts';
import { openTestState } from '../../state/testing.ts';
import { createRedisJobs, jobsModule } from '../index.ts';

const found = await available('redis');
const why = found.ok ? '' : ` (${found.why})`;
const LEASE_MS = 6000;
const JOBS = 60;
const PATIENCE = { timeout: 60_000, interval: 20 };

interface Note {
  readonly what: 'begin' | 'end';
  readonly payload: number;
  readonly attempt: number;
  readonly at: number;
  readonly pid: number;
}

describe.skipIf(!found.ok)(`jobs of three processes${why}`, () => {
  let server: RedisServer;
  let directory: string;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    server = await startRedis();
    directory = mkdtempSync(join(tmpdir(), 'vong-jobs-'));
  });
  afterEach(async () => {
    await Promise.all(children.splice(0).map(kill));
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  async function start(): Promise<ChildProcess> {
    const script = fileURLToPath(new URL('worker-process.ts', import.meta.url));
    const args = [script, server.url, join(directory, 'state.db'), join(directory, 'notes'), String(LEASE_MS)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    await once(child.stdout, 'data');
    return child;
  }

  async function kill(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  function notes(): Note[] {
    const file = join(directory, 'notes');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
    return lines.map((line) => JSON.parse(line) as Note);
  }

  it('all run, one process each, while a process and Redis are killed; again only what was cut off, when its lease is over', async () => {
    const state = await openTestState({ path: join(directory, 'state.db'), modules: [jobsModule], clock: systemClock });
    const jobs = createRedisJobs({ redis: { url: server.url }, state, clock: systemClock });
    const [first] = [await start(), await start(), await start()];
    for (let payload = 0; payload < JOBS; payload++) await jobs.add({ kind: 'work', payload });
    const begun = (): Note[] => notes().filter((note) => note.what === 'begin' && note.pid === first.pid);
    const ended = (): Note[] => notes().filter((note) => note.what === 'end');
    await vi.waitFor(() => expect(begun().length).toBeGreaterThan(3), PATIENCE);
    await kill(first);
    await server.kill();
    await server.restart();
    await start();
    await vi.waitFor(() => expect(new Set(ended().map((note) => note.payload)).size).toBe(JOBS), PATIENCE);
    // Who was killed may have ended a job and not said so; of the others none ends a job twice.
    const others = ended().filter((note) => note.pid !== first.pid);
    expect(new Set(others.map((note) => note.payload)).size).toBe(others.length);
    for (const again of notes().filter((note) => note.what === 'begin' && note.attempt > 1)) {
      const before = notes().find((note) => note.payload === again.payload && note.attempt === again.attempt - 1);
      if (before === undefined) continue;
      expect(before.pid).toBe(first.pid);
      expect(again.at - before.at).toBeGreaterThan(LEASE_MS / 2);
    }
    expect(await jobs.dead()).toEqual([]);
    await jobs.stop();
    await state.close();
  });
});
