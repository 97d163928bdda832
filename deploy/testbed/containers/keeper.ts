/**
 * Ends the containers of a test process with it. `keptLabel` starts this file once as a process of its own, which waits for the end of a
 * pipe from the test process: however that ends, also by SIGKILL, its containers are removed with their data.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const LABEL = 'gac.vong.testbed';
/** A container may be in the making when the process ends. */
const LATE_MS = 3000;

let kept: Readonly<Record<string, string>> | undefined;

/** The label with which this process' containers are found again. */
export function keptLabel(): Readonly<Record<string, string>> {
  if (kept !== undefined) return kept;
  const id = randomUUID();
  const keeper = spawn(process.execPath, [fileURLToPath(import.meta.url), id], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  keeper.unref();
  if (keeper.stdin !== null && 'unref' in keeper.stdin && typeof keeper.stdin.unref === 'function') keeper.stdin.unref();
  kept = { [LABEL]: id };
  return kept;
}

async function remove(id: string): Promise<void> {
  // Not before: until then it only waits.
  const { getContainerRuntimeClient } = await import('testcontainers');
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const filters = { label: [`${LABEL}=${id}`] };
  const containers = await dockerode.listContainers({ all: true, filters });
  await Promise.allSettled(containers.map(async ({ Id }) => await dockerode.getContainer(Id).remove({ force: true, v: true })));
}

if (import.meta.main) {
  const id = process.argv[2] ?? '';
  process.stdin.resume();
  await once(process.stdin, 'close');
  await remove(id);
  await sleep(LATE_MS);
  await remove(id);
}
