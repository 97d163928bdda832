/** `./vong sigma eval`: rules against a file of events. */
import type { Command } from 'commander';
import { compileRules, type RuleFailure, type RuleSet } from 'sigma-rules-ts';
import { CommandFailure, EXIT } from '../exit.ts';
import { startProgress } from '../progress.ts';
import { withParsedCache } from './cache.ts';
import { readLines } from './lines.ts';
import { loadPipelineFolder, loadRules, PIPELINES } from './rules.ts';
import { type Tuning, tuneRules, withTuning } from './tuning.ts';

const HELP = `
Prints one JSON line per match: {"line": <line of the file, from 1>, "rule": "<id>", "title": "<title>"}.
Events in ECS, flat (NXLog), nested (Event.System) and Winlogbeat form are recognised line by line.
The summary goes to standard error; with --json as one JSON line.
What was parsed of rules is kept in ~/.cache/vong, so that files that have not changed are not parsed again; VONG_CACHE names another
folder, or off.

Exit codes:
  0  every line was read (rules that cannot be used are listed in the summary)
  1  some lines were not JSON objects, or with --strict some rules could not be used
  2  bad arguments, or rules, pipelines or events cannot be read
`;

interface EvalFlags extends Tuning {
  readonly rules: string[];
  readonly events: string;
  readonly pipelines: string;
  readonly json?: boolean;
  readonly strict?: boolean;
}

export function evalCommand(sigma: Command): void {
  withTuning(sigma.command('eval'))
    .description('match rules against the events of a file')
    .requiredOption('--rules <dir...>', 'folders (or files) of Sigma rules')
    .requiredOption('--events <file>', 'NDJSON of events; .zst and .gz are unpacked, - is standard input')
    .option('--pipelines <dir>', 'folder of pipelines', PIPELINES)
    .option('--json', 'the summary as JSON')
    .option('--strict', 'exit with 1 when a rule cannot be used')
    .addHelpText('after', HELP)
    .action(evaluate);
}

interface Tally {
  lines: number;
  events: number;
  matches: number;
  /** Lines that are not JSON objects; the first few by number. */
  unreadable: number;
  readonly examples: number[];
}

async function evaluate(flags: EvalFlags): Promise<void> {
  const started = performance.now();
  const [loadedRules, pipelines] = await Promise.all([
    withParsedCache(async (cache) => await loadRules(flags.rules, cache)),
    loadPipelineFolder(flags.pipelines),
  ]);
  if (loadedRules.rules.length === 0 && loadedRules.failures.length === 0) throw new CommandFailure(EXIT.usage, 'No rules were found.');
  const { rules, failures, notes } = await tuneRules(loadedRules, flags);
  if (flags.json !== true) for (const note of notes) say(`note: ${note}`);
  const set = compileRules(rules, { pipelines, onFault: sayFault });
  const loaded = (performance.now() - started) / 1000;
  const tally: Tally = { lines: 0, events: 0, matches: 0, unreadable: 0, examples: [] };
  const from = performance.now();
  await matchAll(flags.events, set, tally);
  const seconds = (performance.now() - from) / 1000;
  const failed = [...loadedRules.failures, ...failures, ...set.unusable];
  summarise(flags, { rules: loadedRules.rules.length, failed, set, tally, loaded, seconds });
  if (tally.unreadable > 0 || (flags.strict === true && failed.length > 0)) process.exitCode = EXIT.failed;
}

async function matchAll(file: string, set: RuleSet, tally: Tally): Promise<void> {
  const reader = await readLines(file);
  const progress = startProgress('bytes', reader.size);
  try {
    for await (const lines of reader.batches) {
      let output = '';
      for (const line of lines) output += matchLine(line, set, tally);
      if (output !== '' && !process.stdout.write(output)) await new Promise((resolve) => process.stdout.once('drain', resolve));
      progress.update(reader.read());
    }
  } finally {
    progress.stop();
  }
}

function matchLine(line: string | undefined, set: RuleSet, tally: Tally): string {
  tally.lines++;
  if (line !== undefined && line.trim() === '') return '';
  const event = line === undefined ? undefined : readEvent(line);
  if (event === undefined) {
    tally.unreadable++;
    if (tally.examples.length < 5) tally.examples.push(tally.lines);
    return '';
  }
  tally.events++;
  let output = '';
  for (const { rule } of set.match(event)) {
    tally.matches++;
    output += `${JSON.stringify({ line: tally.lines, rule: rule.id, title: rule.title })}\n`;
  }
  return output;
}

function readEvent(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

interface Outcome {
  readonly rules: number;
  readonly failed: readonly RuleFailure[];
  readonly set: RuleSet;
  readonly tally: Tally;
  readonly loaded: number;
  readonly seconds: number;
}

function summarise(flags: EvalFlags, { rules, failed, set, tally, loaded, seconds }: Outcome): void {
  const rate = seconds > 0 ? Math.round(tally.events / seconds) : 0;
  if (flags.json === true) {
    const summary = {
      rules,
      failed,
      without_logsource: set.withoutLogsource.length,
      load_s: round(loaded),
      events: tally.events,
      unreadable: tally.unreadable,
      matches: tally.matches,
      seconds: round(seconds),
      events_per_s: rate,
    };
    process.stderr.write(`${JSON.stringify(summary)}\n`);
    return;
  }
  say(
    `rules: ${rules} loaded in ${round(loaded)} s, ${failed.length} failed, ${set.withoutLogsource.length} with a log source no pipeline knows`,
  );
  for (const failure of failed) say(`  ${failure.file}:${failure.line ?? 1}:${failure.column ?? 1} ${failure.code} ${failure.reason}`);
  say(`events: ${tally.events} in ${round(seconds)} s (${rate} events/s), ${tally.matches} matches`);
  if (tally.unreadable > 0) say(`unreadable: ${tally.unreadable} lines are not JSON objects (first: ${tally.examples.join(', ')})`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function sayFault(ruleId: string, error: unknown): void {
  say(`rule ${ruleId} was switched off: ${error instanceof Error ? error.message : String(error)}`);
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
