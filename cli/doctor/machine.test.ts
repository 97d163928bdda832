import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '@vong/platform/config';
import { lockDataDirectory } from '@vong/platform/log';
import type { Finding } from './finding.ts';
import { machine } from './machine.ts';
import { runChecks } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'vong-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function look(data: string, listen = '127.0.0.1:0'): Promise<Map<string, Finding>> {
  const findings = await runChecks(machine(loadConfig({ VONG_DATA: data, VONG_LISTEN: listen })));
  return new Map(findings.map((finding) => [finding.check, finding]));
}

async function listening(body: string) {
  const server = createServer((_request, response) => response.end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

describe('this machine', () => {
  it('is looked at without leaving anything behind', async () => {
    const found = await look(folder);
    expect([...found.keys()]).toEqual(['node', 'open files', 'clock', 'data directory', 'disk', 'server']);
    expect(found.get('data directory')?.found).toMatch(/1 MiB on the disk in \d+ ms/);
    expect(readdirSync(folder)).toEqual([]);
    const later = join(folder, 'a', 'b');
    expect((await look(later)).get('data directory')).toMatchObject({
      level: 'ok',
      found: `${later} is not there yet; the server makes it`,
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('names a data directory that is none', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect((await look(file)).get('data directory')).toMatchObject({ level: 'problem', found: `${file} is no directory` });
    rmSync(file);
  });

  it('says who holds the data directory, and lets a server start again after it', async () => {
    const lock = lockDataDirectory(folder);
    expect((await look(folder)).get('server')).toMatchObject({
      level: 'warning',
      found: `one runs with this data directory (pid ${process.pid}), and does not answer at 127.0.0.1:0`,
    });
    lock.release();
    expect((await look(folder)).get('server')).toMatchObject({ level: 'ok', found: 'none runs; 127.0.0.1:0 is free' });
    lockDataDirectory(folder).release();
  });

  it('knows a server of ours from another program at the port', async () => {
    const ours = await listening('{"status":"live"}');
    expect((await look(folder, ours.address)).get('server')).toMatchObject({ level: 'ok', found: `runs and answers at ${ours.address}` });
    ours.close();
    const other = await listening('hello');
    const finding = (await look(folder, other.address)).get('server');
    expect(finding).toMatchObject({ level: 'problem', found: `${other.address} is used by another program` });
    expect(finding?.advice).toContain(`ss -ltnp 'sport = :${other.address.split(':')[1]}'`);
    other.close();
    expect((await look(folder, '192.0.2.1:80')).get('server')?.advice).toContain('an address of this machine');
  });
});
