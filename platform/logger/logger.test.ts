import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const logger = fileURLToPath(new URL('index.ts', import.meta.url));

describe('a logger', () => {
  it('writes JSON lines without the secrets in what it is handed', () => {
    const program = `const { createLogger } = await import(process.argv[1]);
      createLogger('try', 'info').info({ body: { password: 'p-secret', token: 't-secret', name: 'an' }, req: { headers: { cookie: 'c-secret', authorization: 'a-secret' } } }, 'in');`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program, logger], { encoding: 'utf8' });
    expect(JSON.parse(stdout)).toMatchObject({ name: 'try', msg: 'in', body: { name: 'an' } });
    expect(stdout).not.toContain('-secret');
  });
});
