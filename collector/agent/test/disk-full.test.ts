/** The disk under the spool fills up, on a small file system made for it (root only). */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { smallDisk } from '../../../deploy/testbed/small-disk.ts';
import { until } from '../../sources/test/collect.ts';
import { asText, Bench } from './harness.ts';

const disk = smallDisk('12m');
afterAll(() => disk?.unmount());

describe.skipIf(disk === undefined)('a full disk under the spool (needs the right to mount)', () => {
  let bench: Bench;
  let place: string;
  beforeEach(async () => {
    bench = await Bench.open();
    place = mkdtempSync(join(disk?.path ?? '', 'agent-'));
  });
  afterEach(async () => {
    await bench.close();
    rmSync(place, { recursive: true });
  });

  const lines = Array.from({ length: 50_000 }, () => randomBytes(300).toString('base64'));

  it('pauses reading before the last bytes are taken, shows it, and loses nothing', async () => {
    await bench.gateway.down();
    writeFileSync(bench.log, asText(lines));
    const agent = bench.start({ data: join(place, 'data'), minFree: 3 * 1024 * 1024 });
    await until(() => agent.status().spool.full);
    const free = statfsSync(place);
    expect(free.bavail * free.bsize).toBeGreaterThan(0);
    await bench.gateway.up();
    await until(
      () => bench.gateway.records.length >= lines.length,
      () => agent.status(),
      20_000,
    );
    expect(bench.texts).toEqual(lines);
  }, 40_000);

  it('survives that others take everything, down to the last byte, and goes on when there is room again', async () => {
    const agent = bench.start({ data: join(place, 'data'), minFree: 0 });
    await until(() => agent.status().connection.state === 'connected');
    await bench.gateway.down();
    writeFileSync(bench.log, asText(lines));
    await until(() => agent.status().counters.spooled > 0);
    const hog = join(place, 'hog');
    const grab = (): void => {
      const { bavail, bsize } = statfsSync(place);
      if (bavail > 0) writeFileSync(hog, Buffer.alloc(bavail * bsize), { flag: 'a' });
    };
    try {
      grab();
    } catch {
      // The agent was quicker with the last pages.
    }
    await until(
      () => agent.status().spool.full,
      () => agent.status(),
    );
    await bench.gateway.up();
    await until(() => bench.gateway.records.length > 0);
    rmSync(hog, { force: true });
    await until(
      () => bench.gateway.records.length >= lines.length,
      () => agent.status(),
      20_000,
    );
    await until(
      () => agent.status().counters.acknowledged === lines.length,
      () => agent.status(),
    );
    expect(bench.texts).toEqual(lines);
  }, 40_000);
});
