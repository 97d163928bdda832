/** What benchmarks do to a running server: load rules, send events. What it does for tests as well is in the testbed. */
import { fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { AgentCreated } from '@vong/collector/contracts';
import type { PipelineStatus } from '@vong/engine/pipeline';
import { rulesOfDirectory } from '@vong/engine/rulebook';
import { uploadRules } from '../../deploy/testbed/drive.ts';
import type { TestServer } from '../../deploy/testbed/vong.ts';
import type { GeneratorOrder, GeneratorReport } from './generator.ts';

/** Given up when nothing gets on for so long: the machine is busy. */
export const STUCK_MS = 120_000;

/** Imports every rule of these folders. How many are switched on then. */
export async function importFolders(server: TestServer, folders: readonly string[]): Promise<number> {
  for (const folder of folders) await uploadRules(server, await rulesOfDirectory(folder));
  return (await server.call<{ total: number }>('/api/rules?limit=1&enabled=true')).total;
}

/** The detectors take a new rule set between batches: wait until the whole set is in use. */
export async function waitForRules(server: TestServer, rules: number): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if ((await status(server)).rules >= rules * 0.99) return;
    await sleep(200);
  }
  throw new Error('the detectors did not load the rules within two minutes');
}

export async function status(server: TestServer): Promise<PipelineStatus> {
  return await server.call<PipelineStatus>('/api/pipeline');
}

export async function generate(
  server: Pick<TestServer, 'call' | 'url'>,
  load: { name: string; readonly url?: string } & Omit<GeneratorOrder, 'url' | 'token'>,
  onReady: () => void = () => undefined,
): Promise<GeneratorReport> {
  const { name, ...order } = load;
  const created = await server.call<AgentCreated>('/api/agents', { method: 'POST', body: { agency: 'vn', name } });
  const child = fork(fileURLToPath(new URL('./generator.ts', import.meta.url)));
  return await new Promise((resolve, reject) => {
    child.on('message', (message: { ready?: boolean; report?: GeneratorReport; error?: string }) => {
      if (message.ready === true) onReady();
      else if (message.report !== undefined) resolve(message.report);
      else reject(new Error(message.error));
    });
    child.once('error', reject);
    child.send({ ...order, url: order.url ?? server.url, token: created.token } satisfies GeneratorOrder);
  });
}
