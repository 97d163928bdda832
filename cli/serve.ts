/** `./vong serve`: what `npm start` runs, without installing and building first. */
import type { Command } from 'commander';
import { loadConfig } from '@vong/platform/config';
import { runUntilSignal } from '@vong/platform/process';
import { EXIT_HELP } from './exit.ts';

export function serveCommand(program: Command): void {
  program
    .command('serve')
    .description('start the server; settings come from the environment and a file, see docs/reference/configuration.md')
    .option('--config <file>', 'configuration file (VONG_CONFIG)')
    .option('--roles <list>', 'what this process does, separated by commas (VONG_ROLES; default all)')
    .option('--data <dir>', 'data directory (VONG_DATA)')
    .option('--listen <address:port>', 'where to listen (VONG_LISTEN)')
    .addHelpText('after', EXIT_HELP)
    .action(async (flags: { config?: string; roles?: string; data?: string; listen?: string }) => {
      if (flags.config !== undefined) process.env['VONG_CONFIG'] = flags.config;
      if (flags.roles !== undefined) process.env['VONG_ROLES'] = flags.roles;
      if (flags.data !== undefined) process.env['VONG_DATA'] = flags.data;
      if (flags.listen !== undefined) process.env['VONG_LISTEN'] = flags.listen;
      const { startVong } = await import('../main.ts');
      await runUntilSignal(() => startVong(loadConfig(process.env)));
    });
}
