import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitLines } from './lines.ts';
import { formatOfPath } from './format.ts';
import { isRotationOf } from './discover.ts';
import { LineStream } from '../line-stream.ts';
import { LINE_LIMIT } from './tail.ts';
import { LIMITS } from '../../contracts.ts';
import { toRecords } from './records.ts';

const LIMIT = 16;

const text = (value: Buffer): string => value.toString('latin1').replaceAll(/[\n\r\0]/g, '');

/** Cuts bytes that arrive in portions, as a file that grows is read: from the first byte not dealt with, what is there. */
function cutInPortions(bytes: Buffer, sizes: readonly number[], maxLines: number): string[] {
  const found: string[] = [];
  let [from, there, part] = [0, 0, 0];
  for (const size of [...sizes, bytes.length]) {
    there = Math.min(bytes.length, there + size);
    const final = there === bytes.length;
    for (;;) {
      const data = bytes.subarray(from, there);
      const split = splitLines(data, { part, limit: LIMIT, maxLines, final });
      for (const line of split.lines) found.push(`${from + line.start}:${line.part ?? '-'}:${data.toString('hex', line.start, line.end)}`);
      from += split.consumed;
      part = split.part;
      if (split.consumed === 0) break;
    }
    if (final) break;
  }
  return found;
}

const byte = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0x0a, 0x0d, 0x00, 0x61, 0xc4, 0x91) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
);
const bytes = fc.array(byte, { maxLength: 200 }).map((values) => Buffer.from(values));

describe('cutting lines', () => {
  it('does not depend on how the bytes arrive', () => {
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(40), { maxLength: 20 }), fc.integer({ min: 1, max: 5 }), (data, sizes, maxLines) => {
        expect(cutInPortions(data, sizes, maxLines)).toEqual(cutInPortions(data, [], 1000));
      }),
      { interruptAfterTimeLimit: 4000, numRuns: 3000 },
    );
  });

  it('loses no byte but line ends and the NULs before a line', () => {
    fc.assert(
      fc.property(bytes, (data) => {
        const kept = Buffer.from(
          cutInPortions(data, [], 1000)
            .map((line) => line.split(':')[2])
            .join(''),
          'hex',
        );
        expect(text(kept)).toBe(text(data));
      }),
      { interruptAfterTimeLimit: 4000, numRuns: 3000 },
    );
  });

  it('keeps a line of exactly the limit whole, with either line end, and cuts the next longer one', () => {
    for (const end of ['\n', '\r\n']) {
      expect(splitLines(Buffer.from('x'.repeat(LIMIT) + end), { part: 0, limit: LIMIT, maxLines: 9 }).lines).toEqual([
        { start: 0, end: LIMIT, part: undefined },
      ]);
      const longer = splitLines(Buffer.from('x'.repeat(LIMIT + 2) + end), { part: 0, limit: LIMIT, maxLines: 9 });
      expect(longer.lines.map(({ part }) => part)).toEqual([0, 1]);
    }
  });

  it('does not cut a character in two', () => {
    const data = Buffer.from(`x${'đ'.repeat(40)}\n`);
    const { lines } = splitLines(data, { part: 0, limit: LIMIT, maxLines: 99 });
    expect(lines.map(({ start, end }) => data.toString('utf8', start, end)).join('')).toBe(`x${'đ'.repeat(40)}`);
  });

  it('gives the same lines from a stream of chunks', () => {
    const content = 'first\r\nsecond đ\n\nlast without end';
    for (const size of [1, 3, 7, 100]) {
      const stream = new LineStream(2);
      const found: (string | undefined)[] = [];
      const envelope = { source: 's', host: 'h', idPrefix: 'p' };
      const take = (cuts: ReturnType<LineStream['end']>): void => {
        for (const { data, lines, offset } of cuts)
          found.push(...toRecords(data, lines, { envelope, offset, collected: '' }).map(({ raw }) => raw));
      };
      const all = Buffer.from(content);
      for (let at = 0; at < all.length; at += size) take(stream.push(all.subarray(at, at + size)));
      take(stream.end());
      expect(found).toEqual(['first', 'second đ', 'last without end']);
    }
  });
});

it('the longest piece fits into an event of the gateway with its envelope', () => {
  expect(LINE_LIMIT).toBeLessThanOrEqual(LIMITS.eventBytes - 4096);
});

describe('names', () => {
  it.each([
    ['/var/log/auth.log', 'syslog'],
    ['/var/log/syslog', 'syslog'],
    ['/var/log/nginx/access.log', 'nginx'],
    ['/var/log/apache2/other_vhosts_access.log', 'apache'],
    ['/var/log/audit/audit.log', 'auditd'],
    ['/srv/app/events.ndjson', 'json'],
    ['/srv/app/app.log', 'auto'],
  ])('tell the format of %s: %s', (path, format) => expect(formatOfPath(path)).toBe(format));

  it('tell a rotated file from a neighbour', () => {
    const rotated = ['app.log.1', 'app.log.12', 'app.log-20261122', 'app.log.2026-11-22', 'app.log.old', 'app-20261122.log', 'app.1.log'];
    const others = ['app.log', 'app.log.1.gz', 'app.log.conf', 'app2.log', 'application.log', 'app-web.log', 'my.app.log.1'];
    expect(rotated.filter((name) => !isRotationOf(name, 'app.log'))).toEqual([]);
    expect(others.filter((name) => isRotationOf(name, 'app.log'))).toEqual([]);
  });
});
