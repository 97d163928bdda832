/** Real events at a steady rate into a file that the product's own agent follows, whatever happens to the rest. */
import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { zstdDecompressSync } from 'node:zlib';
import { sharedPath } from '../../deploy/testbed/shared.ts';

const CLI = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const LANE = 50_000;
const STEP_MS = 20;

let lane: string[] | undefined;

/** Real events, numbered from `from`: the number is the record id by which each is found again. */
export function numberedEvents(from: number, to: number): string[] {
  lane ??= zstdDecompressSync(readFileSync(sharedPath('data', 'bench', 'windows-mix.ndjson.zst')))
    .toString('utf8')
    .split('\n')
    .slice(0, LANE);
  const lines = lane;
  return Array.from({ length: to - from }, (_, i) => {
    const event = JSON.parse(lines[(from + i) % LANE] ?? '{}') as Record<string, unknown>;
    for (const hint of ['ls_product', 'ls_service', 'ls_category']) delete event[hint];
    return JSON.stringify({ ...event, EventRecordID: from + i + 1 });
  });
}

export interface AgentRun {
  readonly file: string;
  /** Folder of its spool. */
  readonly data: string;
  readonly url: string;
  readonly token: string;
}

/** `before`: a command that runs it, e.g. inside a network namespace. */
export function startAgentProcess({ file, data, url, token }: AgentRun, before: readonly string[] = []): ChildProcess {
  const vong = [process.execPath, '--disable-warning=ExperimentalWarning', CLI];
  const options = ['--server', url, '--token', token, '--data', data, '--file', file];
  const [command = process.execPath, ...args] = [...before, ...vong, 'agent', ...options];
  const child = spawn(command, args, { stdio: 'ignore' });
  const endWithUs = (): boolean => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  child.once('exit', () => process.off('exit', endWithUs));
  return child;
}

export async function killProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

/** Appends the lines at `rate` a second. */
export async function writeSteadily(file: string, lines: readonly string[], rate: number): Promise<void> {
  const started = performance.now();
  for (let written = 0; written < lines.length;) {
    const due = Math.min(lines.length, Math.ceil(((performance.now() - started) / 1000) * rate));
    if (due > written) appendFileSync(file, `${lines.slice(written, due).join('\n')}\n`);
    written = due;
    await sleep(STEP_MS);
  }
}

/** An empty file to follow. */
export function emptyFile(folder: string, name: string): string {
  const file = join(folder, name);
  writeFileSync(file, '');
  return file;
}
