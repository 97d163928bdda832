import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeParsed, parseSigma } from 'sigma-rules-ts';
import { cacheFolder, parseCached, withParsedCache } from './cache.ts';

const rule = (title: string): string => `title: ${title}\nid: a\nlogsource: {product: windows}\ndetection: {s: {A: b}, condition: s}\n`;
const titled = (title: string) => ({ rules: [{ title }], failures: [] });

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'sigma-cache-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const parse = async (text: string, { file = 'a.yml', at = folder } = {}) =>
  await withParsedCache(async (cache) => parseCached(text, file, cache), at);
const stored = (): string => readFileSync(join(folder, 'parsed-rules'), 'utf8');
/** Puts what was parsed of another text in the place of each value: an answer that comes from the cache shows it. */
function disguise(title: string): void {
  const value = encodeParsed(parseSigma(rule(title), 'a.yml'), rule(title));
  writeFileSync(
    join(folder, 'parsed-rules'),
    stored().replace(/^(\S+) .*$/gm, (_, key: string) => `${key} ${value}`),
  );
}

describe('what was parsed', () => {
  it('is taken from the cache by the next run, for the same text under the same name only', async () => {
    expect(await parse(rule('One'))).toMatchObject(titled('One'));
    disguise('Kept');
    expect(await parse(rule('One'))).toMatchObject(titled('Kept'));
    expect(await parse(rule('Two'))).toMatchObject(titled('Two'));
    expect(await parse(rule('One'), { file: 'b.yml' })).toMatchObject(titled('One'));
  });
  it('is parsed again where it was damaged, and kept anew', async () => {
    await parse(rule('One'));
    const whole = stored();
    for (const damaged of [whole.replace('One', 'Own'), whole.slice(0, -20), whole.slice(30), 'no cache\n\n', '']) {
      writeFileSync(join(folder, 'parsed-rules'), damaged);
      expect(await parse(rule('One'))).toMatchObject(titled('One'));
      expect(stored()).toContain(whole.trimEnd());
    }
  });
  it('of files that are not looked at for a while stays', async () => {
    await parse(rule('One'));
    await parse(rule('Two'));
    disguise('Kept');
    expect(await parse(rule('One'))).toMatchObject(titled('Kept'));
  });
  it('of runs at the same time is kept whole, and nothing is left beside it', async () => {
    const titles = Array.from({ length: 8 }, (_, at) => `Rule ${at}`);
    await Promise.all(titles.map(async (title) => expect(await parse(rule(title))).toMatchObject(titled(title))));
    for (const title of titles) expect(await parse(rule(title))).toMatchObject(titled(title));
    expect(stored().trimEnd().split('\n')).toHaveLength(8);
    expect(readdirSync(folder)).toEqual(['parsed-rules']);
  });
});

describe('the file', () => {
  it('that is larger than allowed is not read, and replaced', async () => {
    await parse(rule('One'));
    truncateSync(join(folder, 'parsed-rules'), 65 * 1024 * 1024);
    expect(await parse(rule('One'))).toMatchObject(titled('One'));
    expect(statSync(join(folder, 'parsed-rules')).size).toBeLessThan(2_000);
  });
  it('that cannot be written or read is no error', async () => {
    writeFileSync(join(folder, 'file'), '');
    expect(await parse(rule('One'), { at: join(folder, 'file') })).toMatchObject(titled('One'));
    expect(readdirSync(folder)).toEqual(['file']);
  });
  it('stands where VONG_CACHE says, else among the caches of the user; off is nowhere', () => {
    expect(cacheFolder({ VONG_CACHE: '/x', XDG_CACHE_HOME: '/y' })).toBe('/x');
    expect(cacheFolder({ XDG_CACHE_HOME: '/y' })).toBe('/y/vong');
    expect(cacheFolder({ XDG_CACHE_HOME: 'not/absolute' })).toBe(join(homedir(), '.cache', 'vong'));
    expect(cacheFolder({ VONG_CACHE: 'off', XDG_CACHE_HOME: '/y' })).toBeUndefined();
  });
});
