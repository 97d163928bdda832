/** Runs a subcommand in the process of a test: what it printed, and how it would have ended. */
import { Command, CommanderError } from 'commander';
import { vi } from 'vitest';
import { CommandFailure } from '../exit.ts';
import { sigmaCommand } from '../sigma.ts';

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function sigma(...arguments_: string[]): Promise<Outcome> {
  const printed = { out: '', err: '' };
  const catching = (name: keyof typeof printed) => (text: string | Uint8Array) => {
    printed[name] += String(text);
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(catching('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(catching('err')),
  ];
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    const program = new Command('vong').exitOverride();
    sigmaCommand(program);
    await program.parseAsync(['sigma', ...arguments_], { from: 'user' });
    const { exitCode } = process;
    return { code: typeof exitCode === 'number' ? exitCode : 0, ...printed };
  } catch (error) {
    if (error instanceof CommandFailure) return { code: error.exitCode, out: printed.out, err: printed.err + error.message };
    if (error instanceof CommanderError) return { code: error.exitCode === 0 ? 0 : 2, ...printed };
    throw error;
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = before;
  }
}
