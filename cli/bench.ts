/** `./vong bench`: what performance claims rest on. Each prints one JSON object on stdout. */
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { sharedPath, SIGMA_RULE_FOLDERS } from '../deploy/testbed/shared.ts';
import { benchPipeline } from './bench/pipeline.ts';
import { CommandFailure, EXIT, EXIT_HELP } from './exit.ts';

interface PipelineFlags {
  readonly rules?: string[];
  readonly events: string;
  readonly seconds: string;
  readonly rate: string;
  readonly json?: boolean;
}

export function benchCommand(program: Command): void {
  const bench = program.command('bench').description('measure on this machine; JSON on stdout');
  bench
    .command('pipeline')
    .description('events/s from the gateway to detected and searchable, and the delay to the browser at a paced rate')
    .option('--rules <dir...>', 'folders of Sigma rules (default: the SigmaHQ set of the shared data)')
    .option('--events <file>', 'NDJSON of Windows events, .zst allowed', sharedPath('data', 'bench', 'windows-mix.ndjson.zst'))
    .option('--seconds <n>', 'length of the full load', '60')
    .option('--rate <n>', 'events/s of the paced load', '2000')
    .option('--json', 'one line of JSON (default: indented)')
    .addHelpText('after', EXIT_HELP)
    .action(async (flags: PipelineFlags) => {
      const rules = flags.rules ?? SIGMA_RULE_FOLDERS.map((folder) => sharedPath('data', 'sigmahq', folder));
      const missing = [...rules, flags.events].find((path) => !existsSync(path));
      if (missing !== undefined) throw new CommandFailure(EXIT.usage, `${missing} does not exist; name --rules and --events.`);
      const say = (line: string): void => void process.stderr.write(`bench: ${line}\n`);
      const result = await benchPipeline({ rules, events: flags.events, seconds: Number(flags.seconds), rate: Number(flags.rate), say });
      process.stdout.write(`${flags.json ? JSON.stringify(result) : JSON.stringify(result, null, 2)}\n`);
    });
}
