/** `./vong doctor`: looks at the settings, this machine and every server they name, and says what to do. Changes nothing. */
import type { Command } from 'commander';
import { loadConfig, type Config } from '@vong/platform/config';
import { VongError } from '@vong/platform/errors';
import { problem, type Finding } from './doctor/finding.ts';
import { json, text } from './doctor/print.ts';
import { runChecks } from './doctor/run.ts';
import { EXIT } from './exit.ts';
import { startProgress } from './progress.ts';

const CODES = `
Exit codes:
  0  nothing wrong, or warnings only
  1  at least one problem
  2  the settings are not valid, or bad arguments
`;

export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check the settings, this machine and every server they name, and say what to do; changes nothing')
    .option('--config <file>', 'configuration file (VONG_CONFIG)')
    .option('--json', 'findings as JSON: {ok, findings: [{check, level, found, advice?}]}')
    .addHelpText('after', CODES)
    .action(async (flags: { config?: string; json?: boolean }) => {
      const print = flags.json ? json : text;
      const config = settings({ ...process.env, ...(flags.config === undefined ? {} : { VONG_CONFIG: flags.config }) });
      if (Array.isArray(config)) {
        process.stdout.write(print(config));
        process.exitCode = EXIT.usage;
        return;
      }
      // The clients of all four servers: only who asks for them waits until they are loaded.
      const { checksOf } = await import('./doctor/checks.ts');
      const checks = checksOf(config);
      const progress = startProgress('checks', checks.length);
      const findings = await runChecks(checks, { onDone: (done) => progress.update(done) });
      progress.stop();
      process.stdout.write(print(findings));
      process.exitCode = findings.some(({ level }) => level === 'problem') ? EXIT.failed : EXIT.ok;
    });
}

/** The settings, or what is wrong with them. */
function settings(env: NodeJS.ProcessEnv): Config | Finding[] {
  try {
    return loadConfig(env);
  } catch (error) {
    if (!(error instanceof VongError) || !Array.isArray(error.details['list'])) throw error;
    return error.details['list'].map((sentence) =>
      problem('settings', String(sentence), 'Correct it; all settings: docs/reference/configuration.md'),
    );
  }
}
