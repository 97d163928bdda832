/** What benchmarks do to a running server: load rules, send events, wait until everything is through. */
import { fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { AgentCreated } from '@vong/collector/contracts';
import type { PipelineStatus } from '@vong/engine/pipeline';
import { rulesOfDirectory } from '@vong/engine/rulebook';
import type { TestServer } from '../../deploy/testbed/vong.ts';
import type { GeneratorOrder, GeneratorReport } from './generator.ts';

/** Given up when nothing gets on for so long. */
const STUCK_MS = 120_000;

export async function importRules(server: TestServer, directories: readonly string[]): Promise<number> {
  for (const directory of directories) {
    const files = await rulesOfDirectory(directory);
    for (let i = 0; i < files.length; i += 200) {
      const form = new FormData();
      for (const file of files.slice(i, i + 200)) form.append('rules', new Blob([file.text]), file.name);
      const headers = { authorization: `Bearer ${server.token}` };
      const answer = await fetch(`${server.url}/api/rules/import`, { method: 'POST', headers, body: form });
      if (!answer.ok) throw new Error(`rule import refused: ${await answer.text()}`);
    }
  }
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

/** Waits until these consumers, default all, have read everything. */
export async function drained(server: TestServer, groups?: readonly string[]): Promise<void> {
  let [before, deadline] = ['', 0];
  for (;;) {
    const { lag } = await status(server);
    if (
      groups === undefined
        ? lag.every(({ records }) => records === 0)
        : lag.every((each) => each.records === 0 || !groups.includes(each.group))
    )
      return;
    const now = JSON.stringify(lag);
    if (now !== before) deadline = performance.now() + STUCK_MS;
    if (performance.now() > deadline) throw new Error(`the pipeline is stuck: ${now}`);
    before = now;
    await sleep(50);
  }
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
