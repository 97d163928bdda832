import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startRedis, type RedisServer } from '../../../deploy/testbed/redis.ts';
import { available } from '../../../deploy/testbed/servers.ts';
import { systemClock } from '../../clock/index.ts';
import type { State } from '../../state/index.ts';
import { openTestState } from '../../state/testing.ts';
import { createRedisJobs, jobsModule, type Job, type Jobs } from '../index.ts';

const found = await available('redis');
const why = found.ok ? '' : ` (${found.why})`;
/** A sweep that does not come within a test: what runs was woken. */
const NEVER_MS = 3_600_000;

interface Node {
  readonly jobs: Jobs;
  readonly ran: Job[];
  readonly said: string[];
}

describe.skipIf(!found.ok)(`jobs woken through Redis${why}`, () => {
  let server: RedisServer;
  let state: State;
  let nodes: Node[];
  beforeEach(async () => {
    server = await startRedis();
    state = await openTestState({ modules: [jobsModule], clock: systemClock });
    nodes = [];
  });
  afterEach(async () => {
    await Promise.all(nodes.map(({ jobs }) => jobs.stop()));
    await state.close();
    await server.stop();
  });

  function node(pollMs: number, work: (job: Job) => Promise<void> = async () => undefined): Node {
    const ran: Job[] = [];
    const said: string[] = [];
    const say = (...words: unknown[]): void => void said.push(String(words.at(-1)));
    const logger = { info: say, warn: say, error: say };
    const jobs = createRedisJobs({ redis: { url: server.url }, state, clock: systemClock, pollMs, logger });
    jobs.handle('work', async (job) => {
      ran.push(job);
      await work(job);
    });
    nodes.push({ jobs, ran, said });
    return { jobs, ran, said };
  }

  const soon = (): number => Date.now() + 300;

  it('run at their time, again after a failure, and when retried, without a sweep', async () => {
    let broken = true;
    const { jobs, ran } = node(NEVER_MS, async () => {
      if (broken) throw new Error('not now');
    });
    jobs.start();
    const runAt = soon();
    const { id } = await jobs.add({ kind: 'work', runAt, maxAttempts: 2 });
    await vi.waitFor(() => expect(ran).toHaveLength(1), 10_000);
    expect(Date.now()).toBeGreaterThanOrEqual(runAt);
    await vi.waitFor(async () => expect(await jobs.dead()).toMatchObject([{ attempt: 2, error: 'not now' }]), 10_000);
    broken = false;
    expect(await jobs.retry(id)).toBe(true);
    await vi.waitFor(() => expect(ran).toHaveLength(3), 10_000);
  });

  it('run after the commit of who added them, and not at all after a rollback', async () => {
    const { jobs, ran } = node(NEVER_MS);
    jobs.start();
    const add = (key: string, then: () => void) =>
      state.transaction<object, void>('system', async (trx) => {
        await jobs.add({ kind: 'work', key }, trx);
        // Longer than a wake takes to come back.
        for (let i = 0; i < 50; i++) await new Promise((resolve) => setTimeout(resolve, 1));
        expect(ran).toHaveLength(0);
        then();
      });
    const undone = add('undone', () => {
      throw new Error('changed my mind');
    });
    await expect(undone).rejects.toThrow('changed my mind');
    await add('done', () => undefined);
    await vi.waitFor(() => expect(ran.map((job) => job.key)).toEqual(['done']), 10_000);
  });

  it.each(['remembers', 'has forgotten'])('fire once when Redis was killed and %s them', async (memory) => {
    const [one, other] = [node(NEVER_MS), node(NEVER_MS)];
    const runAt = Date.now() + 1500;
    await one.jobs.add({ kind: 'work', key: 'timer', runAt });
    await one.jobs.add({ kind: 'work', key: 'recurring', everyMs: 100_000, runAt });
    for (const { jobs } of nodes) jobs.start();
    await (memory === 'remembers' ? server.kill() : server.wipe());
    await server.restart();
    const keys = (): string[] => [...one.ran, ...other.ran].map((job) => job.key ?? '').toSorted();
    await vi.waitFor(() => expect(keys()).toEqual(['recurring', 'timer']), 20_000);
    // What comes later comes after whatever could come twice.
    await other.jobs.add({ kind: 'work', key: 'last' });
    await vi.waitFor(() => expect(keys()).toContain('last'), 10_000);
    expect(keys()).toEqual(['last', 'recurring', 'timer']);
  });

  it.each(['is killed', 'hangs'])('run from the state while Redis %s, and it is said once', async (outage) => {
    const { jobs, ran, said } = node(20);
    jobs.start();
    await jobs.add({ kind: 'work' });
    await vi.waitFor(() => expect(ran).toHaveLength(1), 10_000);
    if (outage === 'hangs') server.pause();
    else await server.kill();
    await jobs.add({ kind: 'work' });
    await vi.waitFor(() => expect(ran).toHaveLength(2), 20_000);
    if (outage === 'hangs') server.resume();
    else await server.restart();
    await jobs.add({ kind: 'work' });
    await vi.waitFor(() => expect(ran).toHaveLength(3), 20_000);
    if (outage === 'hangs') return;
    await vi.waitFor(() => expect(said.at(-1)).toMatch(/is back/), 20_000);
    expect(said).toEqual([expect.stringMatching(/cannot be reached/), 'jobs: Redis is back']);
  });

  it('are each run once by three nodes while Redis is killed and comes back', async () => {
    for (let i = 0; i < 3; i++) node(50, () => new Promise((resolve) => setTimeout(resolve, 2)));
    for (const { jobs } of nodes) jobs.start();
    const count = (): number => nodes.reduce((sum, { ran }) => sum + ran.length, 0);
    const add = (from: number) =>
      Promise.all(Array.from({ length: 100 }, (_, i) => nodes[i % 3]!.jobs.add({ kind: 'work', payload: from + i })));
    await add(0);
    await vi.waitFor(() => expect(count()).toBeGreaterThan(20), 10_000);
    await server.kill();
    await add(100);
    await vi.waitFor(() => expect(count()).toBeGreaterThan(120), 20_000);
    await server.restart();
    await add(200);
    await vi.waitFor(() => expect(count()).toBeGreaterThanOrEqual(300), 30_000);
    const payloads = nodes.flatMap(({ ran }) => ran.map((job) => Number(job.payload))).toSorted((a, b) => a - b);
    expect(payloads).toEqual(Array.from({ length: 300 }, (_, i) => i));
  });

  it('can be added and stopped without any Redis', async () => {
    await server.kill();
    const { jobs, ran } = node(20);
    jobs.start();
    await jobs.add({ kind: 'work' });
    await vi.waitFor(() => expect(ran).toHaveLength(1), 10_000);
    await jobs.stop();
  });
});
