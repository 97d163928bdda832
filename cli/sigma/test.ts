/** `./vong sigma test`: rules against the samples that stand beside them. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { applyFilters, type SigmaRule } from 'sigma-rules-ts';
import { CommandFailure, EXIT } from '../exit.ts';
import { startProgress } from '../progress.ts';
import { findCases, type RuleCase } from './cases.ts';
import { junit } from './junit.ts';
import { loadPipelineFolder, PIPELINES } from './rules.ts';
import { type CaseOptions, type CaseResult, runCase } from './run.ts';
import { painter, printable, wantsColour } from './text.ts';
import { loadTuning, type Tuning, withTuning } from './tuning.ts';

const HELP = `
A case is a folder with rule.yml, firing.ndjson (the rule matches each event) and silent.ndjson (it matches none), or one of SigmaHQ's
regression_data (info.yml; at least match_count events match). The samples of a correlation are one stream, which it matches or not.
Samples are events as they are, or {"format", "raw"}: a raw record that is parsed as the collector parses it. With --json one JSON
object: {"cases", "passed", "failed", "skipped", "seconds", "results": [...]}.

Exit codes:
  0  every case passed (cases without tests are skipped)
  1  a case failed, or a filter of --filters cannot be read or names no rule of a case
  2  bad arguments, no cases, or the pipelines cannot be read
`;

interface TestFlags extends Tuning {
  readonly rules?: string[];
  readonly pipelines: string;
  readonly junit?: string;
  readonly json?: boolean;
}

export function testCommand(sigma: Command): void {
  withTuning(sigma.command('test'))
    .description('run rules over their firing and silent samples')
    .argument('<dir>', 'folder of cases')
    .option('--rules <dir...>', 'where the rules of regression_data are (default: the folders rules* beside it)')
    .option('--pipelines <dir>', 'folder of pipelines', PIPELINES)
    .option('--junit <file>', 'write the results as JUnit XML too')
    .option('--json', 'the results as JSON')
    .addHelpText('after', HELP)
    .action(test);
}

async function test(folder: string, flags: TestFlags): Promise<void> {
  if (!existsSync(folder)) throw new CommandFailure(EXIT.usage, `${folder} does not exist.`);
  const [pipelines, tuning] = await Promise.all([loadPipelineFolder(flags.pipelines), loadTuning(flags)]);
  for (const note of tuning.notes) process.stderr.write(`note: ${note}\n`);
  const cases = await findCases(folder, flags.rules ?? []);
  if (cases.length === 0) throw new CommandFailure(EXIT.usage, `${folder} holds no cases: no rule.yml or info.yml.`);
  const started = performance.now();
  const rules: SigmaRule[] = [];
  const results = await runAll(cases, { pipelines, tuning, onRules: (some) => void rules.push(...some) });
  const idle = [...tuning.failures, ...applyFilters(rules, tuning.filters).failures];
  for (const { file, line = 1, code, reason } of idle) process.stderr.write(`${file}:${line} ${code} ${reason}\n`);
  const seconds = (performance.now() - started) / 1000;
  if (flags.junit !== undefined) await save(flags.junit, junit(results, seconds));
  report(results, seconds, flags);
  if (idle.length > 0 || results.some(({ failures }) => failures.length > 0)) process.exitCode = EXIT.failed;
}

async function runAll(cases: readonly RuleCase[], options: CaseOptions): Promise<CaseResult[]> {
  const progress = startProgress('rules', cases.length);
  const results: CaseResult[] = [];
  try {
    for (const one of cases) {
      results.push(await runCase(one, options));
      progress.update(results.length);
    }
  } finally {
    progress.stop();
  }
  return results;
}

async function save(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new CommandFailure(EXIT.usage, `${file} cannot be written.`, { cause: error });
  }
}

function report(results: readonly CaseResult[], seconds: number, { json }: TestFlags): void {
  const failed = results.filter(({ failures }) => failures.length > 0);
  const skipped = results.filter((result) => result.skipped !== undefined).length;
  const counts = { cases: results.length, passed: results.length - failed.length - skipped, failed: failed.length, skipped };
  if (json === true) {
    process.stdout.write(`${JSON.stringify({ ...counts, seconds: Math.round(seconds * 1000) / 1000, results })}\n`);
    return;
  }
  for (const result of results) process.stdout.write(lineOf(result));
  process.stderr.write(`${counts.passed} passed, ${counts.failed} failed, ${skipped} skipped in ${seconds.toFixed(1)} s\n`);
}

function lineOf({ name, firing, silent, failures, skipped }: CaseResult): string {
  const paint = painter(wantsColour(process.stdout));
  const shown = printable(name);
  if (skipped !== undefined) return `${paint('skip', 'dim')}  ${shown}: ${skipped}\n`;
  if (failures.length === 0) return `${paint('pass', 'good')}  ${shown}  ${paint(`${firing} firing, ${silent} silent`, 'dim')}\n`;
  return `${paint('FAIL', 'bad')}  ${shown}\n${failures.map(({ place, reason }) => `      ${printable(place)}: ${printable(reason)}\n`).join('')}`;
}
