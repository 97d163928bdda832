/** Consoles of several processes whose own look at their sessions never comes: what they do was told by another. */
import { expect, it, vi } from 'vitest';
import { createIdentity } from '../../identity/index.ts';
import { addPerson, openWorld, plantTree, type World } from '../../identity/test/setup.ts';
import { createSignals, liveModule, signalsModule } from '../index.ts';
import { change, cleanups, Console, root, run, type Running } from './setup.ts';

const NEVER_MS = 3_600_000;
const PATIENCE = { timeout: 20_000, interval: 5 };

async function open(): Promise<World> {
  const world = await openWorld({ modules: [liveModule, signalsModule] });
  cleanups.push(() => world.state.close());
  return world;
}

async function node({ state, clock }: World) {
  const signals = createSignals({ state, pollMs: 20 });
  cleanups.push(() => signals.close());
  const identity = createIdentity({ state, clock, signals });
  const running: Running = await run({ state, clock, identity }, { signals, limits: { checkMs: NEVER_MS } });
  return { ...running, identity };
}

it('cut the sockets of a session that ended elsewhere and of a person who was disabled elsewhere, and only those', async () => {
  const world = await open();
  const [a, b] = [await node(world), await node(world)];
  const person = await addPerson(world, { name: 'an', role: 'analyst', agency: 'vn' });
  const [one, other] = [new Console(b.url, person.cookie), new Console(b.url, root(world))];
  await Promise.all([one, other].map((console) => console.until((c) => c.caughtUp === 1)));
  await a.identity.users.change({ scope: world.root }, person.id, { disabled: true });
  await one.until((c) => c.socket.disconnected && c.ended === 1);
  expect(other.socket.connected).toBe(true);
  const { session } = (await a.identity.authenticateSession(world.rootSecret))!;
  await a.identity.signOut(session, '');
  await other.until((c) => c.socket.disconnected && c.ended === 1);
});

it('show a person who was moved to another agency elsewhere what is theirs now, and no more what was', async () => {
  const world = await open();
  await plantTree(world);
  const [a, b] = [await node(world), await node(world)];
  const person = await addPerson(world, { name: 'an', role: 'analyst', agency: 'byt' });
  const console = new Console(b.url, person.cookie);
  await console.until((c) => c.caughtUp === 1);
  await a.identity.users.change({ scope: world.root }, person.id, { agency: 'bca' });
  await vi.waitFor(async () => {
    await change(b, 1, 'bca');
    expect(console.received).not.toEqual([]);
  }, PATIENCE);
  await change(b, 1, 'byt');
  await change(b, 1, 'bca');
  const { length } = console.received;
  await console.until((c) => c.received.length > length);
  expect(new Set(console.received.map((each) => each.agency))).toEqual(new Set(['bca']));

  await a.identity.agencies.create({ scope: world.root }, { code: 'moi', nameVi: 'm', nameEn: 'm', kind: 'unit', parent: 'bca' });
  await vi.waitFor(async () => {
    await change(b, 1, 'moi');
    expect(console.received.map((each) => each.agency)).toContain('moi');
  }, PATIENCE);
});
