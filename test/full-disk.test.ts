/** A full disk stops the intake, not the server, and loses nothing. On a small tmpfs of its own; mounting one needs root. */
import { appendFileSync, closeSync, ftruncateSync, openSync, statfsSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAgent, type Agent } from '@vong/collector/agent';
import { createLogger } from '@vong/platform/logger';
import { smallDisk } from '../deploy/testbed/small-disk.ts';
import { startServer, type TestServer } from '../deploy/testbed/vong.ts';
import { ask, record, Sender, zstd } from './harness/front-door.ts';
import { allAlerts, allEvents, drained, enrol, importRules, temporaryDirectory } from './harness/product.ts';

const SIZE_MIB = 160;
const FLOOR_MIB = 24;
const MIB = 1024 * 1024;

const RULE = `title: Any record of the full disk
id: 55555555-5555-4555-8555-555555555555
status: test
level: low
logsource:
  category: process_creation
  product: windows
detection:
  selection:
    CommandLine|contains: 'number-'
  condition: selection
`;

/** Takes space until `leave` bytes are free. */
class Ballast {
  readonly #path: string;
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    this.#path = join(directory, 'ballast');
  }

  fill(leave: number): void {
    const block = Buffer.alloc(MIB / 16, 1);
    const file = openSync(this.#path, 'a');
    try {
      while (this.free() > leave) writeSync(file, block, 0, Math.min(block.length, this.free() - leave));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  free(): number {
    const { bavail, bsize } = statfsSync(this.#directory);
    return bavail * bsize;
  }

  remove(): void {
    ftruncateSync(openSync(this.#path, 'r+'), 0);
    unlinkSync(this.#path);
  }
}

const disk = smallDisk(`${SIZE_MIB}m`);
afterAll(() => disk?.unmount());

function line(n: number): string {
  const event = {
    '@timestamp': new Date(1_790_000_000_000 + n).toISOString(),
    Channel: 'Microsoft-Windows-Sysmon/Operational',
    EventID: 1,
  };
  return JSON.stringify({
    ...event,
    Computer: 'full',
    EventRecordID: n,
    Image: 'C:\\a.exe',
    CommandLine: `number-${n} ${'x'.repeat(300)}`,
  });
}

describe.skipIf(disk === undefined)('a full disk (needs root for a tmpfs)', () => {
  const path = disk?.path ?? '';
  let ballast: Ballast;
  let server: TestServer;
  let agent: Agent;
  let away: { path: string; remove: () => Promise<void> };
  let written = 0;
  let file: string;

  function write(count: number): void {
    const lines = Array.from({ length: count }, () => `${line(written++)}\n`);
    appendFileSync(file, lines.join(''));
  }

  /** Every number written so far is stored once, and an alert counts them all. */
  async function everythingOnce(): Promise<void> {
    const deadline = performance.now() + 60_000;
    for (;;) {
      await drained(server, 60_000);
      const seen = (await allEvents(server, 'host.name: full')).map((event) => event.winlog?.record_id ?? -1);
      if (seen.length >= written || performance.now() > deadline) {
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen).toHaveLength(written);
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const alerted = async (): Promise<number> => (await allAlerts(server, { host: 'full' })).reduce((sum, { count }) => sum + count, 0);
    await expect.poll(alerted, { timeout: 30_000 }).toBe(written);
  }

  /** The free space is looked at once a second: until then a batch may still be taken. */
  async function intakeStops(other: Sender): Promise<void> {
    await expect.poll(async () => (await other.send(zstd(record('1', 'early')))).status, { timeout: 10_000, interval: 100 }).toBe(503);
  }

  beforeAll(async () => {
    ballast = new Ballast(path);
    away = await temporaryDirectory('full-agent');
    file = join(away.path, 'sysmon.ndjson');
    writeFileSync(file, '');
    server = await startServer({ data: join(path, 'data'), env: { VONG_MIN_FREE: `${FLOOR_MIB}MiB` } });
    await importRules(server, [{ name: 'full.yml', text: RULE }]);
    agent = startAgent({
      server: server.url,
      token: await enrol(server, 'full'),
      data: join(away.path, 'agent'),
      sources: { files: [file] },
      logger: createLogger('agent', 'silent'),
      retry: { first: 100, most: 1000 },
    });
  });

  afterAll(async () => {
    await agent?.stop();
    await server?.kill();
    await away?.remove();
  });

  it('below the floor: 503 with Retry-After and a sentence; what was taken is searched and alerted on', { timeout: 120_000 }, async () => {
    write(2000);
    await everythingOnce();
    const [sender, early] = [await Sender.enrolled(server), await Sender.enrolled(server)];
    expect((await sender.send(zstd(record('1', 'while there was room')))).status).toBe(200);

    ballast.fill(FLOOR_MIB * MIB - 4 * MIB);
    await intakeStops(early);
    const refused = await sender.send(zstd(record('2', 'no room')));
    expect(refused.body.error.code).toBe('INGEST_UNAVAILABLE');
    expect(refused.body.error.message).toMatch(/The disk that holds the log has no room\. Free space on it.*Send it again in \d+ seconds/);
    expect(Number(refused.retryAfter)).toBeGreaterThan(0);

    write(3000);
    await expect.poll(() => agent.status().counters.read, { timeout: 15_000 }).toBe(written);
    expect(agent.status().counters.rejected).toBe(0);
    expect((await ask(server, '/healthz')).status).toBe(200);
    expect((await sender.stored()).map((event) => event.message)).toEqual(['while there was room']);

    ballast.remove();
    await everythingOnce();
    expect((await sender.send(zstd(record('2', 'room again')))).status).toBe(200);
    expect(await sender.stored()).toHaveLength(2);
  });

  it('to the last byte: the server lives, answers, and catches up by itself when space is freed', { timeout: 180_000 }, async () => {
    // Before the disk is full: afterwards nobody can be enrolled.
    const [sender, early] = [await Sender.enrolled(server), await Sender.enrolled(server)];
    write(2000);
    ballast.fill(0);
    write(2000);
    await intakeStops(early);
    for (let i = 0; i < 20; i++) {
      ballast.fill(0);
      expect((await sender.send(zstd(record('1', 'no room')))).status).toBe(503);
      expect((await ask(server, '/healthz')).status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    ballast.remove();
    await everythingOnce();
    expect((await sender.send(zstd(record('1', 'room again')))).status).toBe(200);
    expect(await sender.stored()).toHaveLength(1);
  });

  it('killed while full: the next start goes on and has everything acknowledged', { timeout: 180_000 }, async () => {
    const port = new URL(server.url).port;
    write(1000);
    ballast.fill(0);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await server.kill();
    ballast.remove();
    server = await startServer({
      data: join(path, 'data'),
      env: { VONG_MIN_FREE: `${FLOOR_MIB}MiB`, VONG_LISTEN: `127.0.0.1:${port}` },
    });
    await everythingOnce();
    expect(await server.stop()).toBe(0);
  });
});
