import { describe, expect, it } from 'vitest';
import { addPerson } from '../identity/test/setup.ts';
import { walkRoutes } from './testing.ts';
import { app, cookie, post, start, world } from './test/setup.ts';

describe('access', () => {
  it('is refused at registration for a route that does not say who may call it', async () => {
    await start();
    expect(() => app.get('/api/open', async () => 1)).toThrow(/does not say who may call it/);
    expect(() => app.get('/api/nobody', { config: { access: [] } }, async () => 1)).toThrow(/does not say who may call it/);
  });

  it('lists every route with who may call it', async () => {
    await start();
    const routes = await walkRoutes(app);
    expect(routes).toContainEqual(expect.objectContaining({ method: 'PATCH', url: '/api/users/:id', access: ['administrator'] }));
    expect(routes.filter((route) => route.access === 'anyone').map((route) => `${route.method} ${route.url}`)).toEqual([
      'GET /*',
      'GET /api/setup/:token',
      'POST /api/setup',
      'GET /api/session',
      'POST /api/session',
      'DELETE /api/session',
      'GET /api/bug',
      'GET /api/wait',
      'GET /api/mistake',
    ]);
  });

  it('needs a session or a key of a fitting role, and an agent’s token where an agent calls', async () => {
    await start({ verifyAgent: async (token) => (token === 'right' ? { id: 'a', name: 'a', agency: 'vn' } : undefined) });
    const auditor = await addPerson(world, { name: 'soat', role: 'auditor', agency: 'vn' });
    const { secret } = await world.identity.keys.create({ scope: world.root }, { name: 'k', role: 'analyst', agency: 'vn' });
    expect((await post({})).statusCode).toBe(401);
    expect((await post({ authorization: 'Bearer wrong' })).statusCode).toBe(401);
    // A wrong key is not made good by a cookie beside it.
    expect((await post({ authorization: 'Bearer wrong', cookie: cookie(), 'x-vong': '1' })).statusCode).toBe(401);
    expect((await post({ authorization: `Bearer ${secret}` })).json()).toMatchObject({ agency: 'vn' });
    expect((await post({ cookie: auditor.cookie, 'x-vong': '1' })).statusCode).toBe(403);
    expect((await post({ cookie: cookie(), 'x-vong': '1' })).statusCode).toBe(200);
    expect((await post({ cookie: cookie(), 'x-vong': '1' }, '/ingest/v1/try')).statusCode).toBe(401);
    expect((await post({ authorization: 'Bearer right' }, '/ingest/v1/try')).json()).toEqual({ id: 'a', name: 'a', agency: 'vn' });
    expect((await post({ authorization: 'Bearer right' })).statusCode).toBe(401);
  });

  it('makes reading the scope of a route open to anyone a bug', async () => {
    await start();
    expect((await app.inject('/api/mistake')).json()).toMatchObject({ error: { code: 'HTTP_BUG' } });
  });
});
