import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { lockDataDirectory } from './lock.ts';
import { markMoved, movedTo } from './moved.ts';

const folder = mkdtempSync(join(tmpdir(), 'vong-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function holder(dir: string) {
  const script = `import { lockDataDirectory } from ${JSON.stringify(new URL('lock.ts', import.meta.url).href)};
    lockDataDirectory(${JSON.stringify(dir)}); globalThis.gc(); console.log('held'); setInterval(() => globalThis.gc(), 100);`;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

it('a second process is refused with the directory and the pid of the first, which kept nothing of it, until that is killed', async () => {
  const dir = join(folder, 'data');
  const child = await holder(dir);
  expect(() => lockDataDirectory(dir)).toThrow(
    expect.objectContaining({
      code: 'DATA_DIR_LOCKED',
      message: expect.stringContaining(`${dir} is in use by another process (pid ${child.pid})`),
    }),
  );
  child.kill('SIGKILL');
  await once(child, 'exit');
  lockDataDirectory(dir).release();
});

it('the same process is refused too, and may take it again after release', () => {
  const dir = join(folder, 'own');
  const lock = lockDataDirectory(dir);
  expect(() => lockDataDirectory(dir)).toThrow(/in use/);
  lock.release();
  lock.release();
  lockDataDirectory(dir).release();
});

it('a folder that cannot be made is named', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(() => lockDataDirectory(join(file, 'data'))).toThrow(expect.objectContaining({ code: 'DATA_DIR_UNUSABLE' }));
});

it('a directory whose node was moved to a cluster is refused with what to do, but not to who moves it', () => {
  const dir = join(folder, 'moved');
  const lock = lockDataDirectory(dir);
  expect(movedTo(dir)).toBeUndefined();
  markMoved(dir, { to: 'postgres://db/vong', at: 1 });
  lock.release();
  expect(() => lockDataDirectory(dir)).toThrow(
    expect.objectContaining({
      code: 'DATA_DIR_MOVED',
      message: expect.stringMatching(/goes on in a cluster \(postgres:\/\/db\/vong\).*moved\.json/),
    }),
  );
  lockDataDirectory(dir, { moved: true }).release();
  rmSync(join(dir, 'moved.json'));
  lockDataDirectory(dir).release();
});
