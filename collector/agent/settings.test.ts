import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAgentConfig } from './config/index.ts';
import { parseSize } from './config/size.ts';
import { Bench } from './test/harness.ts';
import { parseRetryAfter } from './transport.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

describe('settings', () => {
  it('sizes are read with units', () => {
    expect(['500MB', '2GB', '1.5g', '1048576', '10 KiB'].map(parseSize)).toEqual([
      500 * 1024 ** 2,
      2 * 1024 ** 3,
      1.5 * 1024 ** 3,
      1048576,
      10240,
    ]);
    expect(['', '-1', 'two', '1PB', '1e9'].map(parseSize)).toEqual(Array(5).fill(undefined));
  });

  it('a configuration with an unknown or wrong entry is refused by name', () => {
    expect(() => parseAgentConfig('{"servr":"x"}', 'c.json')).toThrow(/c\.json/);
    expect(() => parseAgentConfig('{"files":[]}', 'c.json')).toThrow(/files/);
    expect(() => parseAgentConfig('{', 'c.json')).toThrow(/not JSON/);
    expect(parseAgentConfig('{"spoolLimit":"1GB","files":["/a"]}', 'c.json')).toEqual({ spoolLimit: 1024 ** 3, files: ['/a'] });
  });

  it.each([
    [{ server: 'ftp://x' }, /http or https/],
    [{ token: ' ' }, /token is empty/],
    [{ sources: {} }, /no source/],
    [{ server: 'https://x', tls: { cert: '/nowhere' } }, /together/],
    [{ server: 'https://x', tls: { ca: '/nowhere' } }, /cannot be read/],
  ])('%j is refused', (more, message) => expect(() => bench.start(more)).toThrow(message));

  it('Retry-After is read as seconds or as a date', () => {
    expect(parseRetryAfter('7', undefined)).toBe(7000);
    expect(parseRetryAfter('Sun, 22 Nov 2026 04:00:30 GMT', 'Sun, 22 Nov 2026 04:00:00 GMT')).toBe(30_000);
    expect(parseRetryAfter('soon', undefined)).toBeUndefined();
  });
});
