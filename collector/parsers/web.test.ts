import { describe, expect, test } from 'vitest';
import { parse } from './test/parse.ts';

const line =
  '203.0.113.9 - lan [22/Nov/2026:10:50:37 +0700] "GET /a/b?x=${jndi:ldap://e} HTTP/1.1" 404 153 "https://r/" "Mozilla \\"q\\" /5"';

describe('web access logs', () => {
  test('a combined line becomes http, url, user agent and source', () => {
    const event = parse(line, { path: '/var/log/nginx/access.log' });
    expect(event['@timestamp']).toBe('2026-11-22T03:50:37.000Z');
    expect(event).toMatchObject({
      event: { module: 'nginx', dataset: 'nginx.access', outcome: 'failure' },
      source: { ip: '203.0.113.9' },
      user: { name: 'lan' },
      http: { version: '1.1', request: { method: 'GET', referrer: 'https://r/' }, response: { status_code: 404, body: { bytes: 153 } } },
      url: { original: '/a/b?x=${jndi:ldap://e}', path: '/a/b', query: 'x=${jndi:ldap://e}' },
      user_agent: { original: 'Mozilla "q" /5' },
    });
  });

  test('a common line of Apache, by its path; with the virtual host in front', () => {
    const common = '::1 - - [22/Nov/2026:03:50:37 +0000] "POST / HTTP/1.0" 200 -';
    expect(parse(common, { path: '/var/log/apache2/access.log' }).event.module).toBe('apache');
    const hosted = parse(`site.example:443 ${common}`, { format: 'apache' });
    expect(hosted).toMatchObject({ source: { ip: '::1' }, url: { domain: 'site.example' }, http: { request: { method: 'POST' } } });
  });

  test('a request that is not HTTP is kept as it came', () => {
    const event = parse('198.51.100.1 - - [22/Nov/2026:03:50:37 +0000] "\\x16\\x03\\x01" 400 157 "-" "-"');
    expect(event.url?.original).toBe('\\x16\\x03\\x01');
    expect(event.http?.request).toBeUndefined();
  });

  test('error logs of both', () => {
    const nginx = parse('2026/11/22 03:50:37 [error] 12#12: *1 open() failed, client: 203.0.113.9, server: _', { format: 'nginx' });
    expect(nginx).toMatchObject({ event: { dataset: 'nginx.error' }, source: { ip: '203.0.113.9' }, log: { level: 'error' } });
    const apache = parse('[Sun Nov 22 03:50:37.123456 2026] [core:error] [pid 1] [client 203.0.113.9:1234] AH: x', { format: 'apache' });
    expect(apache).toMatchObject({
      event: { dataset: 'apache.error' },
      source: { ip: '203.0.113.9', port: 1234 },
      log: { level: 'error' },
    });
    expect(apache['@timestamp']).toBe('2026-11-22T03:50:37.000Z');
  });
});
