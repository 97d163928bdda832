/**
 * `docker pause` that has happened when it returns: the servers of the tests are paused as processes are, at once. This file started
 * as a process of its own is what does it.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { getContainerRuntimeClient } from 'testcontainers';

export function freeze(id: string, action: 'pause' | 'unpause'): void {
  execFileSync(process.execPath, [fileURLToPath(import.meta.url), id, action], { stdio: ['ignore', 'ignore', 'pipe'] });
}

if (import.meta.main) {
  const [, , id = '', action] = process.argv;
  const container = (await getContainerRuntimeClient()).container.getById(id);
  await (action === 'pause' ? container.pause() : container.unpause());
}
