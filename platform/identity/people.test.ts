import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordAudit } from './audit.ts';
import type { IdentityTables } from './schema.ts';
import { addPerson, codeOf, openWorld, plantTree, type World } from './test/setup.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
  await plantTree(world);
});
afterEach(() => world.state.close());

const codes = async (scope: World['root']) => (await world.identity.agencies.list(scope)).map((agency) => agency.code);

describe('agencies', () => {
  it('start with the nation alone, and are seen from one’s own downwards', async () => {
    const admin = await addPerson(world, { name: 'bca-admin', role: 'administrator', agency: 'bca' });
    expect(await codes(world.root)).toEqual(['vn', 'bca', 'bca-c06', 'byt']);
    expect(await codes(admin.scope)).toEqual(['bca', 'bca-c06']);
    expect(admin.scope.agencies).toEqual(new Set(['bca', 'bca-c06']));
    expect(world.root.agencies).toBe('all');
  });

  it('are made only below an agency in reach, and widen the scope at once', async () => {
    const { identity } = world;
    const admin = await addPerson(world, { name: 'bca-admin', role: 'administrator', agency: 'bca' });
    const unit = { code: 'bca-a05', nameVi: 'A05', nameEn: 'A05', kind: 'unit', parent: 'bca' } as const;
    expect(await codeOf(identity.agencies.create({ scope: admin.scope }, { ...unit, parent: 'byt' }))).toBe('IDENTITY_AGENCY_UNKNOWN');
    expect(await codeOf(identity.agencies.create({ scope: admin.scope }, { ...unit, parent: 'khong-co' }))).toBe('IDENTITY_AGENCY_UNKNOWN');
    expect(await codeOf(identity.agencies.create({ scope: admin.scope }, { ...unit, kind: 'province' }))).toBe('IDENTITY_AGENCY_PLACE');
    await identity.agencies.create({ scope: admin.scope }, unit);
    expect(await codeOf(identity.agencies.create({ scope: admin.scope }, unit))).toBe('IDENTITY_AGENCY_TAKEN');
    const { scope } = (await identity.authenticateSession(admin.secret))!;
    expect(scope.agencies).toEqual(new Set(['bca', 'bca-c06', 'bca-a05']));
  });

  it('move with everything below them, never below themselves, never by their own administrator', async () => {
    const { identity, root } = world;
    const scope = { scope: root };
    await identity.agencies.create(scope, { code: 'doi-1', nameVi: 'Đội 1', nameEn: 'Team 1', kind: 'unit', parent: 'bca-c06' });
    const own = await addPerson(world, { name: 'c06-admin', role: 'administrator', agency: 'bca-c06' });
    expect(await codeOf(identity.agencies.change(scope, 'bca-c06', { parent: 'doi-1' }))).toBe('IDENTITY_AGENCY_PLACE');
    expect(await codeOf(identity.agencies.change({ scope: own.scope }, 'bca-c06', { parent: 'byt' }))).toBe('IDENTITY_AGENCY_UNKNOWN');
    expect((await identity.agencies.change(scope, 'bca-c06', { parent: 'byt' })).path).toEqual(['vn', 'byt', 'bca-c06']);
    const moved = (await identity.agencies.list(root)).find((agency) => agency.code === 'doi-1');
    expect(moved?.path).toEqual(['vn', 'byt', 'bca-c06', 'doi-1']);
    expect(await identity.agencies.below('bca')).toEqual(new Set(['bca']));
    expect(await identity.agencies.below('byt')).toEqual(new Set(['byt', 'bca-c06', 'doi-1']));
  });

  it('narrow a scope to the part asked for, and to nothing outside it', async () => {
    const { identity, root } = world;
    const admin = await addPerson(world, { name: 'bca-admin', role: 'administrator', agency: 'bca' });
    expect((await identity.narrow(root, 'bca')).agencies).toEqual(new Set(['bca', 'bca-c06']));
    expect((await identity.narrow(admin.scope, 'bca-c06')).agencies).toEqual(new Set(['bca-c06']));
    expect(await identity.narrow(admin.scope, undefined)).toBe(admin.scope);
    for (const agency of ['byt', 'vn', 'khong-co', '__proto__']) {
      expect([agency, await codeOf(identity.narrow(admin.scope, agency))]).toEqual([agency, 'IDENTITY_AGENCY_UNKNOWN']);
    }
    expect(await codeOf(identity.narrow(root, 'khong-co'))).toBe('IDENTITY_AGENCY_UNKNOWN');
  });
});

describe('people', () => {
  it('are seen and managed only inside the administrator’s scope', async () => {
    const { identity } = world;
    const admin = await addPerson(world, { name: 'bca-admin', role: 'administrator', agency: 'bca' });
    const sibling = await addPerson(world, { name: 'byt-an', role: 'analyst', agency: 'byt' });
    const by = { scope: admin.scope };
    expect((await identity.users.list(admin.scope)).map((user) => user.name)).toEqual(['bca-admin']);
    const input = { name: 'moi', displayName: 'Mới', role: 'analyst', agency: 'byt' } as const;
    expect(await codeOf(identity.users.create(by, input))).toBe('IDENTITY_AGENCY_UNKNOWN');
    expect(await codeOf(identity.users.create(by, { ...input, agency: 'vn' }))).toBe('IDENTITY_AGENCY_UNKNOWN');
    expect(await codeOf(identity.users.change(by, sibling.id, { disabled: true }))).toBe('IDENTITY_USER_UNKNOWN');
    expect(await codeOf(identity.createPasswordLink(by, sibling.id))).toBe('IDENTITY_USER_UNKNOWN');
    expect(await codeOf(identity.users.change(by, admin.id, { agency: 'vn' }))).toBe('IDENTITY_AGENCY_UNKNOWN');
    const made = await identity.users.create(by, { ...input, agency: 'bca-c06' });
    expect(await codeOf(identity.users.create(by, { ...input, agency: 'bca' }))).toBe('IDENTITY_NAME_TAKEN');
    expect((await identity.users.change(by, made.id, { role: 'auditor', agency: 'bca' })).role).toBe('auditor');
  });

  it('always include an administrator of the nation who can sign in', async () => {
    const { identity, root } = world;
    const by = { scope: root };
    for (const change of [{ disabled: true }, { role: 'analyst' }, { agency: 'bca' }] as const) {
      expect(await codeOf(identity.users.change(by, root.actor.id, change))).toBe('IDENTITY_LAST_ADMINISTRATOR');
    }
    // One without a password does not count.
    await identity.users.create(by, { name: 'chua-vao', displayName: 'x', role: 'administrator', agency: 'vn' });
    expect(await codeOf(identity.users.change(by, root.actor.id, { disabled: true }))).toBe('IDENTITY_LAST_ADMINISTRATOR');
    await addPerson(world, { name: 'goc-2', role: 'administrator', agency: 'vn' });
    expect((await identity.users.change(by, root.actor.id, { disabled: true })).disabled).toBe(true);
  });
});

describe('keys', () => {
  it('work until they are revoked, with the scope of their agency', async () => {
    const { identity, root } = world;
    const { key, secret } = await identity.keys.create({ scope: root }, { name: 'dò quét', role: 'analyst', agency: 'bca' });
    const scope = await identity.authenticateKey(secret);
    expect(scope).toMatchObject({ actor: { kind: 'key', id: key.id }, role: 'analyst', agency: 'bca' });
    expect(scope?.agencies).toEqual(new Set(['bca', 'bca-c06']));
    expect((await identity.keys.list(root))[0]?.lastUsedAt).toBe(world.clock.now());
    await identity.keys.revoke({ scope: root }, key.id);
    expect(await identity.authenticateKey(secret)).toBeUndefined();
    expect(await codeOf(identity.keys.revoke({ scope: root }, key.id))).toBe('IDENTITY_KEY_UNKNOWN');
  });

  it('cannot be made or revoked outside the administrator’s scope', async () => {
    const { identity, root } = world;
    const admin = await addPerson(world, { name: 'bca-admin', role: 'administrator', agency: 'bca' });
    const { key } = await identity.keys.create({ scope: root }, { name: 'y tế', role: 'analyst', agency: 'byt' });
    expect(await codeOf(identity.keys.create({ scope: admin.scope }, { name: 'x', role: 'analyst', agency: 'byt' }))).toBe(
      'IDENTITY_AGENCY_UNKNOWN',
    );
    expect(await codeOf(identity.keys.revoke({ scope: admin.scope }, key.id))).toBe('IDENTITY_KEY_UNKNOWN');
    expect(await identity.keys.list(admin.scope)).toEqual([]);
  });

  it('of the operator reach everything, and only the newest is valid', async () => {
    const { identity } = world;
    expect(await identity.authenticateKey('vong_operator_')).toBeUndefined();
    const first = identity.createOperatorKey();
    const second = identity.createOperatorKey();
    expect(await identity.authenticateKey(first)).toBeUndefined();
    expect(await identity.authenticateKey(second)).toMatchObject({ role: 'administrator', agencies: 'all', actor: { id: 'operator' } });
  });
});

describe('the audit trail', () => {
  it('shows each reader what belongs to their agencies, newest first, page by page', async () => {
    const { identity, root, state } = world;
    const admin = await addPerson(world, { name: 'bca-admin', role: 'administrator', agency: 'bca' });
    for (const agency of ['bca', 'byt', 'bca-c06', 'vn']) {
      await state.transaction<IdentityTables, void>('system', (trx) =>
        recordAudit(trx, { scope: root, action: 'alert.change', target: `a-${agency}`, agency, details: { field: 1 } }),
      );
    }
    const first = await identity.audit(admin.scope, { action: 'alert', limit: 1 });
    expect(first.items.map((entry) => entry.target)).toEqual(['a-bca-c06']);
    const second = await identity.audit(admin.scope, { action: 'alert.change', limit: 1, cursor: first.next });
    expect(second.items.map((entry) => entry.target)).toEqual(['a-bca']);
    expect(second.next).toBeUndefined();
    expect((await identity.audit(root, { actor: 'goc', action: 'alert' })).items).toHaveLength(4);
    expect((await identity.audit(root, { action: 'ale' })).items).toHaveLength(0);
  });

  it('refuses an entry for an agency out of the writer’s reach, together with the change', async () => {
    const { state, identity } = world;
    const admin = await addPerson(world, { name: 'bca-admin', role: 'administrator', agency: 'bca' });
    const work = state.transaction<IdentityTables, void>(admin.scope, async (trx) => {
      await trx.updateTable('agencies').set({ name_vi: 'đổi' }).where('agency', '=', 'bca').execute();
      await recordAudit(trx, { scope: admin.scope, action: 'agency.change', target: 'bca', agency: 'byt' });
    });
    expect(await codeOf(work)).toBe('STATE_OUT_OF_SCOPE');
    expect((await identity.agencies.list(admin.scope))[0]?.name.vi).toBe('bca');
  });

  it('holds every change to people, agencies and keys with who did it and from where', async () => {
    const { identity, root } = world;
    const by = { scope: root, from: '192.0.2.9' };
    const user = await identity.users.create(by, { name: 'an', displayName: 'An', role: 'analyst', agency: 'bca' });
    await identity.users.change(by, user.id, { role: 'auditor' });
    await identity.createPasswordLink(by, user.id);
    const { key } = await identity.keys.create(by, { name: 'k', role: 'analyst', agency: 'bca' });
    await identity.keys.revoke(by, key.id);
    await identity.agencies.change(by, 'bca', { nameVi: 'Bộ Công an' });
    const { items } = await identity.audit(root, { limit: 6 });
    const actions = ['agency.change', 'key.revoke', 'key.create', 'user.link', 'user.change', 'user.create'];
    expect(items.map((entry) => entry.action)).toEqual(actions);
    expect(items.every((entry) => entry.from === '192.0.2.9' && entry.actor.name === 'goc')).toBe(true);
    expect(JSON.stringify(items)).not.toMatch(/vong_key_|argon2/);
  });
});
