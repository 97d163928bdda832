/** What tests and benchmarks have a running server do: take rules in, get through with what it has. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestServer } from './vong.ts';

export interface ImportedRules {
  imported: number;
  readonly failed: unknown[];
}

const FILES_AT_ONCE = 200;
const LOOK_MS = 50;

/** Uploads rules as an administrator does; they are stored then, and the detectors take them up a moment later. */
export async function uploadRules(
  server: Pick<TestServer, 'url' | 'token'>,
  files: readonly { readonly name: string; readonly text: string }[],
): Promise<ImportedRules> {
  const total: ImportedRules = { imported: 0, failed: [] };
  for (let i = 0; i < files.length; i += FILES_AT_ONCE) {
    const form = new FormData();
    for (const file of files.slice(i, i + FILES_AT_ONCE)) form.append('rules', new Blob([file.text]), file.name);
    const headers = { authorization: `Bearer ${server.token}` };
    const answer = await fetch(`${server.url}/api/rules/import`, { method: 'POST', headers, body: form });
    if (!answer.ok) throw new Error(`rule import refused: ${answer.status} ${await answer.text()}`);
    const result = (await answer.json()) as ImportedRules;
    total.imported += result.imported;
    total.failed.push(...result.failed);
  }
  return total;
}

/**
 * Waits until every consumer, or those of these groups, has read everything, as long as one of them gets on: a slow machine is no
 * failure, a consumer that is stuck for so many milliseconds is.
 */
export async function drained(server: Pick<TestServer, 'call' | 'output'>, stuckMs = 60_000, groups?: readonly string[]): Promise<void> {
  let before = '';
  let deadline = 0;
  // Twice: one look asks one consumer after the other, and meanwhile the first may hand on to the next.
  for (let still = 0; ;) {
    const { lag } = await server.call<{ lag: readonly { group: string; records: number }[] }>('/api/pipeline');
    still = lag.every(({ group, records }) => records === 0 || groups?.includes(group) === false) ? still + 1 : 0;
    if (still === 2) return;
    const now = JSON.stringify(lag);
    if (now !== before) deadline = performance.now() + stuckMs;
    before = now;
    if (performance.now() > deadline) throw new Error(`stuck: ${now}; the server said:\n${server.output().slice(-4000)}`);
    await sleep(LOOK_MS);
  }
}
