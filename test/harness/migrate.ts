/** Runs `./vong migrate embedded-to-cluster` as people do, and can kill it at a moment. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { MoveReport } from '../../cli/migrate/report.ts';

const CLI = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

export interface MigrateRun {
  /** What it said to people so far. */
  said(): string;
  /** Resolves when it has said that; throws when it ends before. */
  until(words: string): Promise<void>;
  kill(): Promise<void>;
  /** Resolves when it has ended by itself. */
  ended(): Promise<{ code: number | null; report: MoveReport | undefined; said: string }>;
}

export function startMigrate(data: string, env: Readonly<Record<string, string>>, flags: readonly string[] = []): MigrateRun {
  const args = [CLI, 'migrate', 'embedded-to-cluster', '--data', data, '--json', ...flags];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, said] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exit = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const endWithUs = (): boolean => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  void exit.then(() => process.off('exit', endWithUs));
  return {
    said: () => said,
    until: async (words) => {
      while (!said.includes(words)) {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode} before it said "${words}":\n${said}${out}`);
        await sleep(20);
      }
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exit;
    },
    ended: async () => {
      const code = await exit;
      return { code, said, report: out === '' ? undefined : (JSON.parse(out) as MoveReport) };
    },
  };
}

/** Waits until the move has remembered so many pieces of the events. */
export async function untilSlots(data: string, count: number): Promise<void> {
  for (;;) {
    if (existsSync(join(data, 'move.db'))) {
      const db = new DatabaseSync(join(data, 'move.db'), { readOnly: true, timeout: 5000 });
      try {
        const row = db.prepare(`SELECT count(*) AS slots FROM slots`).get();
        if (Number(row?.['slots']) >= count) return;
      } catch {
        // The table is not there yet.
      } finally {
        db.close();
      }
    }
    await sleep(5);
  }
}
