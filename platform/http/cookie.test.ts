import { describe, expect, it } from 'vitest';
import { PASSWORD } from '../identity/test/setup.ts';
import { app, change, cookie, signIn, start, world } from './test/setup.ts';

describe('a session cookie', () => {
  it('is not readable by scripts, not sent across sites, and Secure behind TLS', async () => {
    await start({ publicUrl: 'https://soc.example.vn' });
    const answer = await signIn({ name: 'goc', password: PASSWORD });
    expect(answer.json()).toMatchObject({ user: { name: 'goc', role: 'administrator', agency: 'vn' } });
    expect(answer.headers['set-cookie']).toMatch(/^vong_session=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    expect(answer.headers['strict-transport-security']).toBeDefined();
  });

  it('is new at every sign-in, and the one before it ends', async () => {
    await start();
    const answer = await signIn({ name: 'goc', password: PASSWORD }, { cookie: cookie() });
    expect(answer.cookies[0]?.value).not.toBe(world.rootSecret);
    expect((await app.inject({ url: '/api/session', headers: { cookie: cookie() } })).statusCode).toBe(401);
  });

  it('is not believed when there are two', async () => {
    await start();
    const headers = { cookie: `${cookie()}; vong_session=x` };
    expect((await app.inject({ url: '/api/session', headers })).statusCode).toBe(401);
  });

  it('changes something only with the console’s header and from the console’s own origin', async () => {
    await start({ publicUrl: 'https://soc.example.vn' });
    expect(await change({})).toBe(403);
    expect(await change({ 'x-vong': '1' })).toBe(200);
    expect(await change({ 'x-vong': '1', origin: 'http://soc.local:8080' })).toBe(200);
    expect(await change({ 'x-vong': '1', origin: 'https://soc.example.vn' })).toBe(200);
    for (const origin of ['http://evil.example', 'null', 'https://soc.example.vn.evil.example', 'http://soc.local:9090']) {
      expect([origin, await change({ 'x-vong': '1', origin })]).toEqual([origin, 403]);
    }
    expect(await change({ 'x-vong': '1', 'sec-fetch-site': 'same-site' })).toBe(403);
  });

  it('cannot be planted by another site’s form', async () => {
    await start();
    expect((await signIn({ name: 'goc', password: PASSWORD }, { origin: 'http://evil.example' })).statusCode).toBe(403);
    const form = { method: 'POST', url: '/api/session', payload: 'name=goc', headers: { 'content-type': 'text/plain' } } as const;
    expect((await app.inject(form)).json()).toMatchObject({ error: { code: 'HTTP_MEDIA_TYPE' } });
  });

  it('is cleared and worthless after signing out', async () => {
    await start();
    const answer = await app.inject({ method: 'DELETE', url: '/api/session', headers: { cookie: cookie() } });
    expect(answer.headers['set-cookie']).toMatch(/^vong_session=; .*Expires=Thu, 01 Jan 1970/);
    expect((await app.inject({ url: '/api/session', headers: { cookie: cookie() } })).statusCode).toBe(401);
  });
});
