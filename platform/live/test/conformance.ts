/** What live push must do, of one node and of a node among many. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createIdentity } from '../../identity/index.ts';
import { identityModule } from '../../identity/schema.ts';
import type { Scope } from '../../identity/scope.ts';
import { addPerson, openWorld, plantTree } from '../../identity/test/setup.ts';
import { openTestState } from '../../state/testing.ts';
import { liveModule, type ChangeTables } from '../index.ts';
import { change, cleanups, Console, made, openLiveWorld, rising, root, run } from './setup.ts';

export function liveConformance(): void {
  consoles();
  sockets();
}

function consoles(): void {
  describe('a console', () => {
    it('gets what is committed, once and in order, while changes keep coming', async () => {
      const world = await openLiveWorld();
      const running = await run(world, { limits: { batchRows: 20, tailRows: 50 } });
      await change(running, 30);
      const seen = new Console(running.url, root(world), { cursor: 0 });
      for (let i = 0; i < 60; i++) await change(running, 1 + (i % 7) * 5);
      await seen.until((c) => c.received.at(-1)?.key === `k${made}`);
      expect(rising(seen.received)).toBe(true);
      const stored = await world.state.system<ChangeTables>().selectFrom('changes').select('key').orderBy('sequence').execute();
      expect(seen.received.map((item) => item.key)).toEqual(stored.map((row) => row.key));
      expect(Math.max(...seen.batches)).toBeLessThanOrEqual(20);
    });

    it('that was away while 1,500 changes came and the server restarted misses nothing and gets each once', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'vong-live-'));
      cleanups.push(() => rmSync(folder, { recursive: true }));
      const path = join(folder, 'state.db');
      const world = await openWorld({ modules: [liveModule], path });
      const first = await run(world);
      const seen = new Console(first.url, root(world));
      await seen.until((c) => c.caughtUp === 1);
      await change(first, 10);
      await seen.until((c) => c.received.length === 10);
      seen.socket.disconnect();
      await change(first, 700);
      await first.live.close();
      await first.app.close();
      await world.state.close();

      const { clock } = world;
      const state = await openTestState({ path, modules: [identityModule, liveModule], clock });
      cleanups.push(() => state.close());
      const second = await run({ state, clock, identity: createIdentity({ state, clock }) });
      await change(second, 800);
      const back = new Console(second.url, root(world), { cursor: seen.cursor });
      await back.until((c) => c.caughtUp === 1);
      await change(second, 5);
      await back.until((c) => c.received.length >= 1505);
      const all = [...seen.received, ...back.received];
      expect(rising(all)).toBe(true);
      expect(new Set(all.map((item) => item.key)).size).toBe(1515);
      expect(back.batches.slice(0, 3)).toEqual([500, 500, 500]);
    });

    it('of a sibling agency sees nothing, neither what was nor what comes', async () => {
      const world = await openLiveWorld();
      await plantTree(world);
      const running = await run(world);
      const person = (agency: string) => addPerson(world, { name: agency, role: 'analyst', agency });
      await change(running, 3, 'bca-c06');
      await change(running, 2, 'vn');
      const own = new Console(running.url, (await person('bca')).cookie, { cursor: 0 });
      const sibling = new Console(running.url, (await person('byt')).cookie, { cursor: 0 });
      await Promise.all([own, sibling].map((console) => console.until((c) => c.caughtUp === 1)));
      await change(running, 4, 'bca');
      await change(running, 1, 'byt');
      await sibling.until((c) => c.received.length === 1);
      await own.until((c) => c.received.length === 7);
      expect(sibling.received.map((item) => item.agency)).toEqual(['byt']);
      expect(new Set(own.received.map((item) => item.agency))).toEqual(new Set(['bca-c06', 'bca']));
    });

    it('sees an agency made below its own while it is connected', async () => {
      const world = await openLiveWorld();
      await plantTree(world);
      const running = await run(world);
      const own = new Console(running.url, (await addPerson(world, { name: 'an', role: 'analyst', agency: 'bca' })).cookie);
      await own.until((c) => c.caughtUp === 1);
      const unit = { code: 'bca-a05', nameVi: 'A05', nameEn: 'A05', kind: 'unit', parent: 'bca' } as const;
      await world.identity.agencies.create({ scope: world.root }, unit);
      await vi.waitFor(async () => {
        await change(running, 1, 'bca-a05');
        expect(own.received.length).toBeGreaterThan(0);
      });
    });

    it('that is slow is sent one batch at a time, and let go when it does not answer', async () => {
      const world = await openLiveWorld();
      const running = await run(world, { limits: { batchRows: 10, acknowledgeMs: 200 } });
      await change(running, 100);
      const slow = new Console(running.url, root(world), { cursor: 0 });
      const quick = new Console(running.url, root(world), { cursor: 0 });
      slow.mute = true;
      await slow.until((c) => c.batches.length > 0 && c.socket.disconnected);
      expect(slow.batches).toEqual([10]);
      expect(slow.ended).toBe(0);
      await quick.until((c) => c.received.length === 100);
      const back = new Console(running.url, root(world), { cursor: slow.cursor });
      await back.until((c) => c.received.length === 90);
      expect(back.received[0]?.sequence).toBe(slow.cursor! + 1);
    });

    it('is told to reload when its cursor is older than what is kept, or from another history', async () => {
      const world = await openLiveWorld();
      const running = await run(world, { limits: { keepRows: 50, pruneMs: 20 } });
      await change(running, 200);
      const db = running.state.system<ChangeTables>();
      await vi.waitFor(async () => {
        expect((await db.selectFrom('changes').select('sequence').execute()).length).toBe(50);
      });
      for (const cursor of [100, 99_999]) {
        const old = new Console(running.url, root(world), { cursor });
        await old.until((c) => c.resyncs.length === 1 && c.caughtUp === 1);
        expect(old.received).toEqual([]);
        await change(running, 1);
        await old.until((c) => c.received.length === 1);
        old.socket.disconnect();
      }
      const kept = new Console(running.url, root(world), { cursor: 190 });
      await kept.until((c) => c.received.length === 12);
      expect(kept.resyncs).toEqual([]);
    });

    it('gets changes that another process wrote without announcing', async () => {
      const world = await openLiveWorld();
      const running = await run(world);
      const seen = new Console(running.url, root(world));
      await seen.until((c) => c.caughtUp === 1);
      const row = { kind: 'alert', agency: 'vn', key: 'silent', body: '{}', at: 0 } as const;
      await running.state.system<ChangeTables>().insertInto('changes').values(row).execute();
      await seen.until((c) => c.received[0]?.key === 'silent');
    });
  });
}

function sockets(): void {
  describe('a socket', () => {
    it('is refused without a session, with a wrong one, and from another site', async () => {
      const world = await openLiveWorld();
      const { url } = await run(world);
      const refusal = (cookie: string, headers: Record<string, string> = {}) => {
        const { socket } = new Console(url, cookie, { headers });
        return new Promise<unknown>((resolve) => {
          socket.on('connect', () => resolve('connected'));
          socket.on('connect_error', (error) => resolve((error as { data?: { code: string } }).data?.code ?? 'refused'));
        });
      };
      expect(await refusal('')).toBe('IDENTITY_SIGN_IN_NEEDED');
      expect(await refusal('vong_session=wrong')).toBe('IDENTITY_SIGN_IN_NEEDED');
      expect(await refusal(root(world), { origin: 'http://evil.example' })).toBe('refused');
      expect(await refusal(root(world))).toBe('connected');
    });

    it('is cut within seconds when its session ends or its person is disabled, and only then', async () => {
      const world = await openLiveWorld();
      const { identity, root: scope } = world;
      const { url } = await run(world);
      const person = await addPerson(world, { name: 'an', role: 'analyst', agency: 'vn' });
      const [one, other] = [new Console(url, person.cookie), new Console(url, root(world))];
      await Promise.all([one, other].map((console) => console.until((c) => c.caughtUp === 1)));
      await identity.users.change({ scope }, person.id, { disabled: true });
      await one.until((c) => c.socket.disconnected && c.ended === 1);
      expect(other.socket.connected).toBe(true);
      const { session } = (await identity.authenticateSession(world.rootSecret))!;
      await identity.signOut(session, '');
      await other.until((c) => c.socket.disconnected && c.ended === 1);
    });

    it('reports what is on the screen with its scope; nonsense is refused and harms nothing', async () => {
      const world = await openLiveWorld();
      const onShown = vi.fn<(ids: readonly string[], at: number, scope: Scope) => void>();
      const running = await run(world, { onShown });
      const seen = new Console(running.url, root(world));
      await seen.until((c) => c.caughtUp === 1);
      const refused: string[] = [];
      seen.socket.on('refused', ({ code }: { code: string }) => refused.push(code));
      for (const bad of [
        undefined,
        null,
        7,
        { ids: 'x', at: 1 },
        { ids: [1], at: 1 },
        { ids: Array(501).fill('a'), at: 1 },
        { ids: [], at: NaN },
      ]) {
        seen.socket.emit('shown', bad);
      }
      for (const bad of [undefined, { cursor: -1 }, { cursor: '1' }, { cursor: 1.5 }, {}]) seen.socket.emit('follow', bad);
      await seen.until(() => refused.length === 12);
      seen.socket.emit('shown', { ids: ['a1', 'a2'], at: 123 });
      await vi.waitFor(() => expect(onShown).toHaveBeenCalledOnce());
      expect(onShown.mock.calls[0]?.slice(0, 2)).toEqual([['a1', 'a2'], 123]);
      expect(onShown.mock.calls[0]?.[2].actor.name).toBe('goc');
      await change(running, 1);
      await seen.until((c) => c.received.length === 1);
    });

    it('that floods is cut', async () => {
      const world = await openLiveWorld();
      const { url } = await run(world);
      const flood = new Console(url, root(world));
      await flood.until((c) => c.caughtUp === 1);
      for (let i = 0; i < 700; i++) flood.socket.emit('shown', { ids: [], at: 1 });
      await flood.until((c) => c.socket.disconnected);
    });
  });
}
