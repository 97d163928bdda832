import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { app, folder, start } from './test/setup.ts';

describe('the console’s files', () => {
  it('come with a strict policy; assets for ever, pages revalidated, unknown pages as the index', async () => {
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Vọng Gác</title>');
    writeFileSync(join(folder, 'assets', 'main-AbC1.js'), 'export {}');
    writeFileSync(join(folder, '..', 'outside.txt'), 'no');
    await start();
    for (const url of ['/', '/alerts/abc?x=1', '/setup/token']) {
      const page = await app.inject(url);
      expect(page.body).toContain('Vọng Gác');
      expect(page.headers['cache-control']).toBe('no-cache');
      expect(page.headers['content-security-policy']).toContain("script-src 'self';");
      expect(page.headers['x-content-type-options']).toBe('nosniff');
    }
    expect((await app.inject('/assets/main-AbC1.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const page = await app.inject({ url: '/sources/web01.example.vn', headers: { accept: 'text/html' } });
    expect(page.body).toContain('Vọng Gác');
    expect((await app.inject(`/${'x'.repeat(300)}`)).body).toContain('Vọng Gác');
    for (const url of ['/assets/gone.js', '/api/unknown', '/ingest/x', '/..%2foutside.txt', '/%2e%2e/outside.txt', '//outside.txt']) {
      const answer = await app.inject(url);
      expect([url, answer.statusCode >= 400]).toEqual([url, true]);
      expect((await app.inject({ url, headers: { accept: 'text/html' } })).body).not.toBe('no');
      expect(answer.body).not.toBe('no');
    }
    expect((await app.inject('/api/unknown')).json()).toMatchObject({ error: { code: 'HTTP_NOT_FOUND' } });
    rmSync(join(folder, '..', 'outside.txt'));
  });

  it('not yet built are said to be so', async () => {
    await start();
    const answer = await app.inject('/');
    expect(answer.statusCode).toBe(503);
    expect(answer.body).toContain('not built');
  });

  it('and every answer of the API stay out of caches', async () => {
    await start();
    expect((await app.inject('/api/session')).headers['cache-control']).toBe('no-store');
  });
});
