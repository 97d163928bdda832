/** `./vong sigma explain`: why a rule matches an event, or why not. */
import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { type Command, InvalidArgumentError } from 'commander';
import { explain, type ExplainTree, fillPlaceholders, SigmaError, type SigmaRule } from 'sigma-rules-ts';
import { CommandFailure, EXIT } from '../exit.ts';
import { loadPipelineFolder, loadRules, PIPELINES } from './rules.ts';
import { toEvent } from './samples.ts';
import { painter, wantsColour } from './text.ts';
import { treeText } from './tree.ts';
import { type Tuning, tuneRules, withTuning } from './tuning.ts';

const HELP = `
Prints the log source's decision and the tree of the condition: ✔ and ✘ at each part, the value that was seen, and what of it matched
(in colour on a terminal, between » and « elsewhere). With --json one JSON line per rule: {"id", "title", "matched", "logsource",
"conditions", "matches"}.

Exit codes:
  0  the rule matches (of several rules: one of them)
  1  it does not
  2  bad arguments, or the rule, the event or the pipelines cannot be read
`;

/** Larger files are not one event. */
const LONGEST_EVENT = 64 * 1024 * 1024;

interface ExplainFlags extends Tuning {
  readonly rule: string;
  readonly event: string;
  readonly id?: string;
  readonly line?: number;
  readonly pipelines: string;
  readonly value: Readonly<Record<string, readonly string[]>>;
  readonly json?: boolean;
}

export function explainCommand(sigma: Command): void {
  withTuning(sigma.command('explain'))
    .description('show why a rule matches an event, or why not')
    .requiredOption('--rule <file>', 'file of one or more Sigma rules')
    .requiredOption('--event <file>', 'a JSON event, NDJSON, or a sample of rules/sigma; - is standard input')
    .option('--id <id>', 'only the rule with this id, of a file with several')
    .option('--line <n>', 'the event on this line of an NDJSON file, from 1', toLine)
    .option('--value <name=value...>', 'a value for a placeholder of the rule; may be given more than once', toValues, {})
    .option('--pipelines <dir>', 'folder of pipelines', PIPELINES)
    .option('--json', 'the explanation as JSON')
    .addHelpText('after', HELP)
    .action(explainRule);
}

function toLine(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a number from 1.');
  return Number(text);
}

function toValues(text: string, known: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write name=value.');
  const name = text.slice(0, at);
  return { ...known, [name]: [...(Object.hasOwn(known, name) ? (known[name] ?? []) : []), text.slice(at + 1)] };
}

async function explainRule(flags: ExplainFlags): Promise<void> {
  const [pipelines, loaded, event] = await Promise.all([loadPipelineFolder(flags.pipelines), loadRules([flags.rule]), readEvent(flags)]);
  const { rules, failures } = await tuneRules(loaded, flags);
  const chosen = flags.id === undefined ? rules : rules.filter(({ id }) => id === flags.id);
  // Filters may name rules of other files.
  const [failure] = [...loaded.failures, ...failures.filter(({ code }) => code !== 'SIGMA_FILTER')];
  if (chosen.length === 0) {
    const why =
      failure === undefined ? 'It holds no such rule.' : `${failure.line ?? 1}:${failure.column ?? 1} ${failure.code} ${failure.reason}`;
    throw new CommandFailure(EXIT.usage, `${flags.rule}: ${why}`);
  }
  let matched = false;
  for (const rule of chosen) {
    const tree = explain(filled(rule, flags), event, { pipelines });
    matched ||= tree.matched;
    print(rule, tree, flags);
  }
  if (!matched) process.exitCode = EXIT.failed;
}

function filled(rule: SigmaRule, { value }: ExplainFlags): SigmaRule {
  try {
    return fillPlaceholders(rule, value);
  } catch (error) {
    if (error instanceof SigmaError) throw new CommandFailure(EXIT.usage, `${error.message}: give it with --value.`, { cause: error });
    throw error;
  }
}

function print(rule: SigmaRule, tree: ExplainTree, { json }: ExplainFlags): void {
  if (json === true) process.stdout.write(`${JSON.stringify({ id: rule.id, title: rule.title, ...tree })}\n`);
  else process.stdout.write(treeText(rule, tree, painter(wantsColour(process.stdout))));
}

async function readEvent({ event: file, line }: ExplainFlags): Promise<object> {
  const whole = await readText(file);
  const text = line === undefined ? whole : (whole.split('\n')[line - 1] ?? '');
  if (text.trim() === '') throw new CommandFailure(EXIT.usage, `${file} has no event${line === undefined ? '' : ` on line ${line}`}.`);
  // A whole file is one JSON document, or else its first line is the event.
  const [first = ''] = text.trimStart().split('\n');
  const found = (await toEvent(text)) ?? (line === undefined ? await toEvent(first) : undefined);
  if (found === undefined) throw new CommandFailure(EXIT.usage, `${file} holds no event: a JSON object is expected.`);
  return found;
}

async function readText(file: string): Promise<string> {
  try {
    const text = file === '-' ? await readAll(process.stdin) : await readFile(file, 'utf8');
    if (text.length <= LONGEST_EVENT) return text;
  } catch (error) {
    throw new CommandFailure(EXIT.usage, `${file} cannot be read.`, { cause: error });
  }
  throw new CommandFailure(EXIT.usage, `${file} is too large to be an event.`);
}
