/** Two processes on one state, each with its own memory. The clock stands still: what is known anew was told, and did not grow old. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSignals, signalsModule, type Signals } from '../../live/index.ts';
import { createIdentity, type Identity } from '../index.ts';
import { addPerson, codeOf, openWorld, PASSWORD, VISITOR, type World } from './setup.ts';

const PATIENCE = { timeout: 20_000, interval: 5 };

let world: World;
let first: Identity;
let second: Identity;
let opened: Signals[];
beforeEach(async () => {
  world = await openWorld({ modules: [signalsModule] });
  const { state, clock } = world;
  opened = [createSignals({ state, pollMs: 20 }), createSignals({ state, pollMs: 20 })];
  [first, second] = opened.map((signals) => createIdentity({ state, clock, signals })) as [Identity, Identity];
});
afterEach(async () => {
  await Promise.all(opened.map((signals) => signals.close()));
  await world.state.close();
});

const agency = (code: string, kind: 'ministry' | 'unit', parent: string) => ({ code, kind, parent, nameVi: code, nameEn: code });

describe('several processes', () => {
  it('see at once what another did to the tree of agencies', async () => {
    const by = { scope: world.root };
    expect(await second.agencies.below('bca')).toEqual(new Set());
    await first.agencies.create(by, agency('bca', 'ministry', 'vn'));
    await first.agencies.create(by, agency('byt', 'ministry', 'vn'));
    await first.agencies.create(by, agency('c06', 'unit', 'bca'));
    await vi.waitFor(async () => expect(await second.agencies.below('bca')).toEqual(new Set(['bca', 'c06'])), PATIENCE);
    await first.agencies.change(by, 'c06', { parent: 'byt' });
    await vi.waitFor(async () => expect(await second.agencies.below('bca')).toEqual(new Set(['bca'])), PATIENCE);
    expect(await second.agencies.below('byt')).toEqual(new Set(['byt', 'c06']));
  });

  it('give whoever guesses a password no more tries than one does', async () => {
    await addPerson(world, { name: 'an', role: 'analyst', agency: 'vn' });
    const wrong = Array.from({ length: 12 }, (_, i) =>
      codeOf((i % 2 === 0 ? first : second).signIn({ name: 'an', password: `sai ${i} sai` }, VISITOR)),
    );
    const codes = await Promise.all(wrong);
    expect(codes.filter((code) => code === 'IDENTITY_SIGN_IN_REFUSED')).toHaveLength(5);
    expect(codes.filter((code) => code === 'IDENTITY_LOCKED')).toHaveLength(7);
    for (const each of [first, second])
      expect(await codeOf(each.signIn({ name: 'an', password: PASSWORD }, VISITOR))).toBe('IDENTITY_LOCKED');
  });

  it('refuse a session with the answer that ended it, wherever that was', async () => {
    const { id, secret } = await addPerson(world, { name: 'an', role: 'analyst', agency: 'vn' });
    const { secret: other, user } = await second.signIn({ name: 'an', password: PASSWORD }, VISITOR);
    const session = (await first.authenticateSession(secret))!;
    await first.signOut(session.session, '');
    expect(await second.authenticateSession(secret)).toBeUndefined();
    expect((await second.authenticateSession(other))?.session.user.id).toBe(user.id);
    await first.users.change({ scope: world.root }, id, { disabled: true });
    expect(await second.authenticateSession(other)).toBeUndefined();
  });
});
