import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AttemptRow, IdentityTables, SessionRow } from './schema.ts';
import { addPerson, codeOf, openWorld, OTHER_PASSWORD, PASSWORD, VISITOR, type World } from './test/setup.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.state.close());

const signIn = (name: string, password: string) => world.identity.signIn({ name, password }, VISITOR);
const attempts = async (name: string, times: number): Promise<string[]> => {
  const codes = [];
  for (let i = 0; i < times; i++) codes.push(await codeOf(signIn(name, 'sai hoàn toàn rồi')));
  return codes;
};

describe('sign-in', () => {
  it('takes the right password, in any case of the name and either Unicode composition of the password', async () => {
    expect((await signIn(' GOC ', PASSWORD.normalize('NFD'))).user.name).toBe('goc');
  });

  it('answers an unknown name, a wrong password, a person without a password and a disabled one alike', async () => {
    const { identity, root } = world;
    const fresh = { name: 'moi', displayName: 'Mới', role: 'analyst', agency: 'vn' } as const;
    await identity.users.create({ scope: root }, fresh);
    const gone = await addPerson(world, { name: 'nghi', role: 'analyst', agency: 'vn' });
    await identity.users.change({ scope: root }, gone.id, { disabled: true });
    const codes = [signIn('ai-do', PASSWORD), signIn('goc', 'x'), signIn('moi', PASSWORD), signIn('nghi', PASSWORD)];
    expect(new Set(await Promise.all(codes.map(codeOf)))).toEqual(new Set(['IDENTITY_SIGN_IN_REFUSED']));
  });

  it('locks a name after five wrong passwords for 15 minutes, then 30, whether or not somebody has it', async () => {
    const expected = [...Array<string>(5).fill('IDENTITY_SIGN_IN_REFUSED'), 'IDENTITY_LOCKED'];
    expect(await attempts('goc', 6)).toEqual(expected);
    expect(await attempts('khong-ai', 6)).toEqual(expected);
    expect(await codeOf(signIn('goc', PASSWORD))).toBe('IDENTITY_LOCKED');
    world.clock.advance(15 * 60_000);
    expect(await attempts('goc', 6)).toEqual(expected);
    world.clock.advance(15 * 60_000);
    expect(await codeOf(signIn('goc', PASSWORD))).toBe('IDENTITY_LOCKED');
    world.clock.advance(15 * 60_000);
    expect((await signIn('goc', PASSWORD)).user.name).toBe('goc');
    expect(await attempts('goc', 5)).toEqual(expected.slice(0, 5));
  });

  it('lets no more than five passwords be tried when attempts come at the same moment', async () => {
    const codes = await Promise.all(Array.from({ length: 12 }, (_, i) => codeOf(signIn('goc', `sai ${i} sai`))));
    expect(codes.filter((code) => code === 'IDENTITY_SIGN_IN_REFUSED')).toHaveLength(5);
    expect(codes.filter((code) => code === 'IDENTITY_LOCKED')).toHaveLength(7);
  });

  it('is unlocked by an administrator', async () => {
    const person = await addPerson(world, { name: 'an', role: 'analyst', agency: 'vn' });
    await attempts('an', 5);
    const { identity, root } = world;
    const listed = (await identity.users.list(root)).find((user) => user.name === 'an');
    expect(listed?.lockedUntil).toBe(world.clock.now() + 15 * 60_000);
    await identity.users.change({ scope: root }, person.id, { unlock: true });
    expect((await signIn('an', PASSWORD)).user.id).toBe(person.id);
  });

  it('keeps no secret and no unknown name readable in the state', async () => {
    const { secret } = await signIn('goc', PASSWORD);
    await codeOf(signIn('Mật khẩu của tôi!', 'x'));
    await attempts('khong-ai', 1);
    const db = world.state.system<IdentityTables>();
    const rows: (SessionRow | AttemptRow)[] = await db.selectFrom('sessions').selectAll().execute();
    rows.push(...(await db.selectFrom('sign_in_attempts').selectAll().execute()));
    const text = JSON.stringify([rows, await db.selectFrom('audit').selectAll().execute()]);
    expect(text).not.toContain(secret);
    expect(text.toLowerCase()).not.toContain('mật khẩu của tôi');
    expect((await db.selectFrom('users').select('password').executeTakeFirstOrThrow()).password).toMatch(
      /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/,
    );
  });

  it('writes sign-in, failure and sign-out to the audit trail', async () => {
    const { identity, root } = world;
    await attempts('goc', 1);
    const { secret } = await signIn('goc', PASSWORD);
    const found = await identity.authenticateSession(secret);
    await identity.signOut(found!.session, '192.0.2.7');
    expect(await identity.authenticateSession(secret)).toBeUndefined();
    const { items } = await identity.audit(root, { action: 'user' });
    expect(items.map((entry) => entry.action)).toEqual(['user.sign_out', 'user.sign_in', 'user.sign_in_failed', 'user.set_up']);
    expect(items.every((entry) => entry.from === '192.0.2.7')).toBe(true);
  });
});

describe('sessions', () => {
  it('end after 12 idle hours and after 7 days in use', async () => {
    const { identity, clock } = world;
    const idle = (await signIn('goc', PASSWORD)).secret;
    clock.advance(12 * 3_600_000 - 1);
    expect(await identity.authenticateSession(idle)).toBeDefined();
    clock.advance(12 * 3_600_000);
    expect(await identity.authenticateSession(idle)).toBeUndefined();
    const used = (await signIn('goc', PASSWORD)).secret;
    for (let hours = 0; hours < 167; hours++) {
      clock.advance(3_600_000);
      expect(await identity.authenticateSession(used)).toBeDefined();
    }
    clock.advance(3_600_000);
    expect(await identity.authenticateSession(used)).toBeUndefined();
  });

  it('all end when the password changes, and the caller gets a new one', async () => {
    const { identity } = world;
    const [one, two] = [(await signIn('goc', PASSWORD)).secret, (await signIn('goc', PASSWORD)).secret];
    const { session } = (await identity.authenticateSession(one))!;
    expect(await codeOf(identity.changePassword(session, { password: 'x', newPassword: OTHER_PASSWORD }, VISITOR))).toBe(
      'IDENTITY_PASSWORD_WRONG',
    );
    const { secret } = await identity.changePassword(session, { password: PASSWORD, newPassword: OTHER_PASSWORD }, VISITOR);
    expect(await identity.authenticateSession(one)).toBeUndefined();
    expect(await identity.authenticateSession(two)).toBeUndefined();
    expect(await identity.authenticateSession(secret)).toBeDefined();
    expect(await codeOf(signIn('goc', PASSWORD))).toBe('IDENTITY_SIGN_IN_REFUSED');
    expect((await signIn('goc', OTHER_PASSWORD)).user.name).toBe('goc');
  });

  it('of a disabled person end at once', async () => {
    const { identity, root } = world;
    const person = await addPerson(world, { name: 'an', role: 'analyst', agency: 'vn' });
    const { session } = (await identity.authenticateSession(person.secret))!;
    await identity.users.change({ scope: root }, person.id, { disabled: true });
    expect(await identity.authenticateSession(person.secret)).toBeUndefined();
    expect(await identity.sessions.alive([session.id])).toEqual(new Map());
  });
});

describe('one-time links', () => {
  it('of set-up exist only while nobody is registered', async () => {
    expect(await world.identity.createSetupLink()).toBeUndefined();
  });

  it('are valid once, for a day, and only the newest', async () => {
    const { identity, root, clock } = world;
    const fresh = { name: 'an', displayName: 'An', role: 'analyst', agency: 'vn' } as const;
    const user = await identity.users.create({ scope: root }, fresh);
    const first = await identity.createPasswordLink({ scope: root }, user.id);
    const second = await identity.createPasswordLink({ scope: root }, user.id);
    expect(await codeOf(identity.inspect(first.token))).toBe('IDENTITY_LINK_INVALID');
    expect(await identity.inspect(second.token)).toMatchObject({ kind: 'password', name: 'an' });
    const uses = [1, 2, 3].map(() => codeOf(identity.redeem({ token: second.token, password: PASSWORD }, VISITOR)));
    expect((await Promise.all(uses)).toSorted()).toEqual(['IDENTITY_LINK_INVALID', 'IDENTITY_LINK_INVALID', 'none']);
    const late = await identity.createPasswordLink({ scope: root }, user.id);
    clock.advance(24 * 3_600_000);
    expect(await codeOf(identity.inspect(late.token))).toBe('IDENTITY_LINK_INVALID');
  });

  it('refuse a weak password and stay usable', async () => {
    const { identity, root } = world;
    const user = await identity.users.create({ scope: root }, { name: 'binh', displayName: 'Bình', role: 'auditor', agency: 'vn' });
    const { token } = await identity.createPasswordLink({ scope: root }, user.id);
    for (const password of ['ngắn quá', 'aaaaaaaaaaaaaaaa', 'Password12345678', 'binh ở Hà Nội 2026']) {
      const code = await codeOf(identity.redeem({ token, password }, VISITOR));
      expect([password, code]).toEqual([password, 'IDENTITY_PASSWORD_WEAK']);
    }
    expect(await codeOf(identity.redeem({ token, password: PASSWORD }, VISITOR))).toBe('none');
  });
});
