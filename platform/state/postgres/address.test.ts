import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VongError } from '../../errors/index.ts';
import { placeOf } from './address.ts';

const HOME = 'postgres://vong@db.bo-a.vn/vong';

describe('the address of PostgreSQL', () => {
  it('gives host, port, database, user and password; the password of a file goes before the one in the URL', () => {
    const { config, address } = placeOf({ url: 'postgres://v%C3%B4ng:m%E1%BA%ADt%40@db:6432/s%C3%A1ch' });
    expect(config).toMatchObject({ host: 'db', port: 6432, database: 'sách', user: 'vông', password: 'mật@', ssl: false });
    expect(address).toBe('db:6432/sách');
    expect(placeOf({ url: 'postgresql://u:one@h/d', password: 'two' }).config).toMatchObject({ port: 5432, password: 'two' });
    expect(placeOf({ url: 'postgres://u@[::1]/d' }).config.host).toBe('::1');
    expect(placeOf({ url: 'postgres:///d?host=/run/postgresql&user=u' }).config).toMatchObject({ host: '/run/postgresql', user: 'u' });
  });

  it('never lets the client look for a password in files and variables of other programs', () => {
    expect(placeOf({ url: HOME }).config.password).toBe('');
  });

  it('checks the certificate wherever TLS is asked for', () => {
    for (const mode of ['require', 'verify-ca', 'verify-full'])
      expect(placeOf({ url: `${HOME}?sslmode=${mode}` }).config.ssl).toEqual({ rejectUnauthorized: true });
    expect(placeOf({ url: HOME, ca: 'PEM' }).config.ssl).toEqual({ rejectUnauthorized: true, ca: 'PEM' });
  });

  it.each([
    ['db:5432', /no URL|begin with postgres/],
    ['mysql://u@h/d', /begin with postgres/],
    ['postgres://h/d', /names no user/],
    ['postgres://u@h', /names no database/],
    ['postgres:///d?user=u', /names no host/],
    ['postgres://u@a,b/d', /several hosts/],
    [`${HOME}?sslmode=prefer`, /sslmode is prefer, not disable, require/],
    [`${HOME}?options=-c%20x`, /parameter options is not known/],
    ['postgres://u:50%@h/d', /%25/],
  ])('is refused with the reason: %s', (url, reason) => {
    expect(() => placeOf({ url })).toThrow(reason);
  });

  it('never shows the password, whatever is wrong', () => {
    const secret = 'S3cr3tS3cr3t';
    const texts = string({ unit: 'binary', maxLength: 30 });
    assert(
      property(texts, texts, (before, after) => {
        for (const url of [`postgres://u:${secret}${before}@h${after}`, `${before}://u:${secret}@${after}`]) {
          try {
            expect(placeOf({ url }).address).not.toContain(secret);
          } catch (error) {
            expect(error).toBeInstanceOf(VongError);
            expect(String(error)).not.toContain(secret);
          }
        }
      }),
      { numRuns: 3000 },
    );
  });
});
