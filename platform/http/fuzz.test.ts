import { asyncProperty, assert, constantFrom, dictionary, jsonValue, oneof, property, record, string } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServer, openWorld, type World } from '../identity/test/setup.ts';
import { sessionSecret } from './cookie.ts';
import type { HttpServer } from './index.ts';
import { crossSite } from './origin.ts';
import { addressGroup } from './rate-limit.ts';

let world: World;
let app: HttpServer;
beforeAll(async () => {
  world = await openWorld();
  app = await openServer(world);
});
afterAll(async () => {
  await app.close();
  await world.state.close();
});

const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'] as const;
const text = string({ unit: 'binary', maxLength: 200 });
const printable = string({ unit: 'grapheme-ascii', maxLength: 100 });

describe('whatever is sent', () => {
  it('to any route by anybody is never answered by a bug', async () => {
    const path = oneof(
      constantFrom(
        '/api/session',
        '/api/setup',
        '/api/users',
        '/api/agencies/vn',
        '/api/keys',
        '/api/audit',
        '/',
        '/%',
        '/%00',
        '/api/%ff',
      ),
      printable.map((part) => `/api/${encodeURIComponent(part)}`),
    );
    const headers = record(
      {
        cookie: oneof(
          printable,
          printable.map((value) => `vong_session=${value}`),
        ),
        authorization: oneof(
          printable,
          printable.map((value) => `Bearer ${value}`),
        ),
        origin: oneof(printable, constantFrom('null', 'http://localhost:80')),
      },
      { requiredKeys: [] },
    );
    const request = record({ path, headers, method: constantFrom(...METHODS), body: jsonValue() });
    await assert(
      asyncProperty(request, async ({ path, headers, method, body }) => {
        const bodiless = method === 'GET' || method === 'DELETE';
        const payload = bodiless ? {} : { payload: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } };
        const answer = await app.inject({ method, url: path, headers, ...payload });
        expect(answer.statusCode).not.toBe(500);
      }),
      { interruptAfterTimeLimit: 3000, markInterruptAsFailure: false },
    );
  });

  it('as the body of a signed-in administrator is taken or refused, never a bug', async () => {
    const { secret } = await world.identity.keys.create({ scope: world.root }, { name: 'k', role: 'administrator', agency: 'vn' });
    const routes = [
      ['POST', '/api/agencies'],
      ['PATCH', '/api/agencies/vn'],
      ['POST', '/api/users'],
      ['PATCH', `/api/users/${world.root.actor.id}`],
      ['POST', '/api/keys'],
    ] as const;
    const fields = [
      'name',
      'displayName',
      'role',
      'agency',
      'code',
      'nameVi',
      'nameEn',
      'kind',
      'parent',
      'disabled',
      'unlock',
      '__proto__',
    ];
    const body = dictionary(constantFrom(...fields), oneof(jsonValue(), text, constantFrom('vn', 'unit', 'analyst')));
    await assert(
      asyncProperty(constantFrom(...routes), body, async ([method, url], payload) => {
        const answer = await app.inject({ method, url, payload, headers: { authorization: `Bearer ${secret}` } });
        expect(answer.statusCode).not.toBe(500);
        expect(Reflect.ownKeys(Object.prototype)).not.toContain('name');
      }),
      { interruptAfterTimeLimit: 3000, markInterruptAsFailure: false },
    );
  });

  it('as cookie, origin or address is read without failing', () => {
    assert(
      property(text, text, text, (cookie, origin, host) => {
        const secret = sessionSecret(cookie);
        expect(secret === undefined || cookie.includes(secret)).toBe(true);
        expect(typeof crossSite({ origin, host }, undefined)).toBe('boolean');
        expect(typeof addressGroup(host)).toBe('string');
      }),
    );
  });

  it('addresses of one IPv6 subscriber count as one', () => {
    expect(addressGroup('2001:db8:1:2::1')).toBe(addressGroup('2001:db8:1:2:ffff::9'));
    expect(addressGroup('2001:db8:1:2::1')).not.toBe(addressGroup('2001:db8:1:3::1'));
    expect(addressGroup('::ffff:192.0.2.1')).toBe('192.0.2.1');
  });
});
