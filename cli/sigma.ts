/** `./vong sigma`: rules on files of events, without a server. Each subcommand is a file in `sigma/`. */
import type { Command } from 'commander';
import { evalCommand } from './sigma/eval.ts';
import { explainCommand } from './sigma/explain.ts';
import { lintCommand } from './sigma/lint.ts';
import { testCommand } from './sigma/test.ts';

export function sigmaCommand(program: Command): void {
  const sigma = program.command('sigma').description('Sigma rules on files, without a server');
  for (const add of [evalCommand, lintCommand, explainCommand, testCommand]) add(sigma);
}
