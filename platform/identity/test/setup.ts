import { pino } from 'pino';
import { ManualClock } from '../../clock/index.ts';
import { createHttpServer, SESSION_COOKIE, type HttpServer, type HttpServerOptions } from '../../http/index.ts';
import type { State, StateModule } from '../../state/index.ts';
import { openTestState } from '../../state/testing.ts';
import { createIdentity, identityApi, identityModule, type Identity, type Role } from '../index.ts';

export const PASSWORD = 'đồng hồ cát màu tím';
export const OTHER_PASSWORD = 'chín con mèo bay qua';
export const VISITOR = { from: '192.0.2.7', program: 'test' };

export interface World {
  readonly state: State;
  readonly clock: ManualClock;
  readonly identity: Identity;
  /** Scope of the first administrator, at the root. */
  readonly root: Awaited<ReturnType<Identity['scopeOf']>>;
  readonly rootSecret: string;
}

export async function openWorld(options: { path?: string; modules?: readonly StateModule[] } = {}): Promise<World> {
  const clock = new ManualClock(Date.UTC(2026, 10, 22));
  const modules = [identityModule, ...(options.modules ?? [])];
  const state = await openTestState({ ...options, modules, clock });
  const identity = createIdentity({ state, clock });
  const link = await identity.createSetupLink();
  const setup = { token: link!.token, name: 'goc', displayName: 'Gốc', password: PASSWORD };
  const { user, secret } = await identity.redeem(setup, VISITOR);
  return { state, clock, identity, root: await identity.scopeOf(user), rootSecret: secret };
}

/** A ministry `bca` with a unit `bca-c06`, and its sibling ministry `byt`. */
export async function plantTree({ identity, root }: World): Promise<void> {
  const make = (code: string, kind: 'ministry' | 'unit', parent: string) =>
    identity.agencies.create({ scope: root }, { code, nameVi: code, nameEn: code, kind, parent });
  await make('bca', 'ministry', 'vn');
  await make('byt', 'ministry', 'vn');
  await make('bca-c06', 'unit', 'bca');
}

export async function addPerson(world: World, person: { name: string; role: Role; agency: string }) {
  const { identity, root } = world;
  const view = await identity.users.create({ scope: root }, { ...person, displayName: person.name });
  const link = await identity.createPasswordLink({ scope: root }, view.id);
  const { user, secret } = await identity.redeem({ token: link.token, password: PASSWORD }, VISITOR);
  return { id: user.id, secret, scope: await identity.scopeOf(user), cookie: `${SESSION_COOKIE}=${secret}` };
}

export async function openServer(world: World, options: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  const app = createHttpServer({ identity: world.identity, clock: world.clock, logger: pino({ level: 'silent' }), ...options });
  await app.register(identityApi({ identity: world.identity }));
  return app;
}

/** The code of the error a promise rejects with, or `none`. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  );
}
