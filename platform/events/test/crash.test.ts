import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openEventStore, type EmbeddedEventStore } from '../index.ts';
import { ALL } from './conformance.ts';

const KILLS = 10;

async function feedAndKill(path: string, afterMs: number): Promise<void> {
  const child = spawn(process.execPath, [new URL('feeder.ts', import.meta.url).pathname, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  await wait(afterMs);
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function numbers(store: EmbeddedEventStore): Promise<number[]> {
  const found: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.search({ scope: ALL, query: '', order: 'oldest', limit: 1000, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.items.map((event) => Number(event.event.id.slice(2))));
    cursor = page.next;
  } while (cursor !== undefined);
  return found.sort((left, right) => left - right);
}

it(`holds exactly the events below the stored offset after each of ${KILLS} kills`, { timeout: 180_000 }, async () => {
  const path = await mkdtemp(join(tmpdir(), 'vong-crash-'));
  let before = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    await feedAndKill(path, 100 + ((kill * 379) % 900));
    const store = await openEventStore({ path, memoryBytes: 200e6, hotBytes: 300_000 });
    const offset = (await store.indexedUpTo()).get(0) ?? 0;
    // What was not written out yet is fed again; what was, no kill takes back.
    expect(offset).toBeGreaterThanOrEqual(before);
    expect((await store.stats()).events).toBe(offset);
    expect(await store.count({ scope: ALL, query: '' })).toBe(offset);
    before = offset;
    if (kill === KILLS - 1) expect(await numbers(store)).toEqual(Array.from({ length: offset }, (_, n) => n));
    await store.close();
  }
  expect(before).toBeGreaterThan(KILLS * 100);
  await rm(path, { recursive: true, force: true });
});
