/** Starts programs of the product as a person would, and gives what they print and how they end. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Resolves when it has ended and everything it printed is read. */
  readonly ended: Promise<Ended>;
  /** Standard output and standard error so far, as they came. */
  output(): string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** `program`: path inside the repository. */
export function start(program: string, args: readonly string[] = [], env: Record<string, string> = {}): Running {
  const argv = ['--disable-warning=ExperimentalWarning', `${root}${program}`, ...args];
  const child = spawn(process.execPath, argv, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '', both: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
      said.both += text;
    });
  }
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, stdout: said.stdout, stderr: said.stderr })));
  return { child, ended, output: () => said.both };
}

/** One command of `./vong`, to its end. */
export async function vong(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return await start('cli/main.ts', args, env).ended;
}
