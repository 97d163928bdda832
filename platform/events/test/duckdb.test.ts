import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type { VongError } from '../../errors/index.ts';
import { openEventStore, type EmbeddedEventStore } from '../index.ts';
import { ALL, eventStoreConformance } from './conformance.ts';
import { eventAt } from './corpus.ts';

const made: string[] = [];
async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'vong-events-'));
  made.push(path);
  return path;
}
afterAll(async () => {
  for (const path of made) await rm(path, { recursive: true, force: true });
});

eventStoreConformance('DuckDB', {
  open: async () => openEventStore({ path: await directory(), memoryBytes: 200e6 }),
  // oxlint-disable-next-line no-unsafe-type-assertion -- checked by what produced it
  settle: (store) => (store as EmbeddedEventStore).flush(),
});

describe('the DuckDB store', () => {
  it('holds after a restart what it held before, offsets included', async () => {
    const path = await directory();
    const first = await openEventStore({ path });
    await first.append([eventAt(1), eventAt(2)], [{ partition: 3, offset: 2 }]);
    await first.flush();
    await first.append([eventAt(3)], [{ partition: 3, offset: 3 }]);
    await first.close();
    const second = await openEventStore({ path });
    expect((await second.search({ scope: ALL, query: '', order: 'oldest' })).items).toEqual([eventAt(1), eventAt(2), eventAt(3)]);
    expect(new Map(await second.indexedUpTo())).toEqual(new Map([[3, 3]]));
    await second.append([eventAt(1), eventAt(3)], [{ partition: 3, offset: 4 }]);
    expect((await second.stats()).events).toBe(3);
    await second.close();
  });

  it('takes a hundred megabytes of events one after the other with the least memory it may be given', { timeout: 60_000 }, async () => {
    const store = await openEventStore({ path: await directory(), memoryBytes: 128e6 });
    const filler = 'C:\\\\Windows\\\\System32\\\\svchost.exe -k '.repeat(40);
    const pad = (n: number): string => JSON.stringify(eventAt(n)).replace('"original":"', `"original":"${filler}`);
    const most = 4000;
    let stored = 0;
    for (let batch = 0; batch < 12; batch++) {
      const lines = Array.from({ length: most }, (_, n) => pad(stored + n)).join('\n');
      await store.appendJson(new TextEncoder().encode(lines), [{ partition: 0, from: stored, offset: (stored += most) }]);
    }
    expect(await store.count({ scope: ALL, query: '' })).toBe(stored);
    await store.close();
  });

  it('writes out small tables as it goes and stays whole, while readers read', async () => {
    const store = await openEventStore({ path: await directory(), hotBytes: 100_000 });
    let stored = 0;
    for (let from = 0; from < 4000; from += 200) {
      await store.append(
        Array.from({ length: 200 }, (_, n) => eventAt(from + n)),
        [{ partition: 0, offset: (stored += 200) }],
      );
      const [count, page] = await Promise.all([
        store.count({ scope: ALL, query: '' }),
        store.search({ scope: ALL, query: 'whoami', limit: 50 }),
      ]);
      expect(count).toBe(stored);
      expect(page.items.length).toBeGreaterThan(0);
    }
    await store.close();
  });

  it('stops a query that takes too long and says so', async () => {
    const store = await openEventStore({ path: await directory(), timeoutMs: 1 });
    await store.append(
      Array.from({ length: 5000 }, (_, n) => eventAt(n)),
      [],
    );
    const query = Array.from({ length: 40 }, (_, n) => `winlog.event_data.f${n}: *a*b*c*`).join(' or ');
    await expect(store.count({ scope: ALL, query })).rejects.toMatchObject({ code: 'EVENTS_QUERY_TIMEOUT' });
    await store.close();
  });

  it('stops a query whose asker went away and answers the next', async () => {
    const store = await openEventStore({ path: await directory() });
    await store.append(
      Array.from({ length: 5000 }, (_, n) => eventAt(n)),
      [],
    );
    const gone = AbortSignal.abort();
    await expect(store.count({ scope: ALL, query: 'x' }, gone)).rejects.toMatchObject({ code: 'EVENTS_QUERY_CANCELLED' });
    expect(await store.count({ scope: ALL, query: '' })).toBe(5000);
    await store.close();
  });

  it('closes at once while queries run: they are told, and none is left behind', { timeout: 60_000 }, async () => {
    const events = Array.from({ length: 20_000 }, (_, n) => eventAt(n));
    const query = Array.from({ length: 60 }, (_, n) => `winlog.event_data.f${n}: *a*b*c*`).join(' or ');
    for (const waitMs of [0, 5, 50, 200]) {
      const store = await openEventStore({ path: await directory() });
      await store.append(events, []);
      const asked = Array.from({ length: 6 }, async () =>
        store.count({ scope: ALL, query }).then(
          () => 'answered',
          (error: VongError) => error.code,
        ),
      );
      await pause(waitMs);
      const started = performance.now();
      await store.close();
      expect(performance.now() - started).toBeLessThan(10_000);
      for (const end of await Promise.all(asked)) expect(['answered', 'EVENTS_QUERY_CANCELLED', 'EVENTS_CLOSED']).toContain(end);
    }
  });

  it('skips what is no event, keeps the rest, and survives hostile text', async () => {
    const notes: string[] = [];
    const logger = { info: () => undefined, warn: () => undefined, error: (_: unknown, text?: string) => notes.push(text ?? '') };
    // oxlint-disable-next-line no-unsafe-type-assertion -- checked by what produced it
    const store = await openEventStore({ path: await directory(), logger: logger as never });
    const hostile = {
      ...eventAt(7),
      message: 'lone \ud800 surrogate',
      // oxlint-disable-next-line no-unsafe-type-assertion -- checked by what produced it
      json: JSON.parse('{"__proto__": {"x": 1}, "k\\u0000": "\\u0000"}') as Record<string, unknown>,
    };
    const lines = ['not json', '[]', '{}', JSON.stringify(hostile), JSON.stringify(eventAt(8))].join('\n');
    await store.appendJson(new TextEncoder().encode(lines), [{ partition: 0, offset: 5 }]);
    expect(notes).toHaveLength(1);
    expect(await store.count({ scope: ALL, query: '' })).toBe(2);
    expect(await store.count({ scope: ALL, query: 'winlog.event_data.TargetUserName: *' })).toBe(2);
    expect(await store.count({ scope: ALL, query: 'message: surrogate' })).toBe(1);
    await store.close();
  });
});
