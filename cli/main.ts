/** The command line. Each command is a file beside this one; none holds logic of the product. */
import { Command, CommanderError } from 'commander';
import { agentCommand } from './agent.ts';
import { benchCommand } from './bench.ts';
import { doctorCommand } from './doctor.ts';
import { CommandFailure, EXIT, EXIT_HELP } from './exit.ts';
import { migrateCommand } from './migrate.ts';
import { replayCommand } from './replay.ts';
import { rulesCommand } from './rules.ts';
import { searchCommand } from './search.ts';
import { serveCommand } from './serve.ts';
import { sigmaCommand } from './sigma.ts';

const program = new Command('vong')
  .description('Vọng Gác: security monitoring and cyber range. "npm start" starts everything on this machine.')
  .exitOverride()
  .addHelpText('after', EXIT_HELP);

const commands = [
  serveCommand,
  doctorCommand,
  migrateCommand,
  agentCommand,
  replayCommand,
  rulesCommand,
  sigmaCommand,
  searchCommand,
  benchCommand,
];
for (const add of commands) add(program);

// A reader that closes early (`./vong search … | head`) is not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else if (error instanceof CommandFailure) {
    process.stderr.write(`vong: ${error.message}\n`);
    process.exitCode = error.exitCode;
  } else {
    const known = error instanceof Error && 'code' in error && 'status' in error;
    process.stderr.write(`vong: ${known ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = EXIT.failed;
  }
}
