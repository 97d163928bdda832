/** `./vong sigma lint`: checks of rule files, and the fixes of those that are safe. */
import { readFile, writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { applyFixes, CHECKS, type Finding, type LintContext, type LintFile, lintSigma, type LintSeverity } from 'sigma-rules-ts/lint';
import { CommandFailure, EXIT } from '../exit.ts';
import { startProgress } from '../progress.ts';
import { lineDiff } from './diff.ts';
import { loadPipelineFolder, PIPELINES, yamlFiles } from './rules.ts';
import { painter, printable, wantsColour } from './text.ts';

const HELP = `
Prints each finding with its file, line, column, severity and check; docs/reference/sigma-lint.md lists the checks.
With --json one JSON object: {"files", "counts": {"error", "warning", "info"}, "fixed", "findings": [...]}.

Exit codes:
  0  no errors (with --strict: no warnings either)
  1  errors, or with --strict warnings
  2  bad arguments, or files cannot be read
`;

const SEVERITIES: readonly LintSeverity[] = ['error', 'warning', 'info'];
/** Fixes can make room for others: as often the files are looked at again. */
const PASSES = 5;

interface LintFlags {
  readonly pipelines: string;
  readonly severity: LintSeverity;
  readonly ignore?: string[];
  readonly fix?: boolean;
  readonly dryRun?: boolean;
  readonly strict?: boolean;
  readonly json?: boolean;
}

export function lintCommand(sigma: Command): void {
  sigma
    .command('lint')
    .description('check rules, correlations and filters')
    .argument('<dir...>', 'folders (or files) of Sigma rules')
    .option('--pipelines <dir>', 'folder of pipelines: log sources and fields are compared with theirs', PIPELINES)
    .addOption(new Option('--severity <severity>', 'least severity that is shown and counted').choices(SEVERITIES).default('info'))
    .option('--ignore <check...>', 'checks that are left out')
    .option('--fix', 'write the safe fixes into the files')
    .option('--dry-run', 'show what --fix would change, and change nothing')
    .option('--strict', 'exit with 1 for warnings too')
    .option('--json', 'the result as JSON')
    .addHelpText('after', HELP)
    .action(lint);
}

async function lint(paths: string[], flags: LintFlags): Promise<void> {
  const unknown = flags.ignore?.find((code) => !Object.hasOwn(CHECKS, code));
  if (unknown !== undefined) throw new CommandFailure(EXIT.usage, `There is no check "${unknown}".`);
  const context: LintContext = { pipelines: await loadPipelineFolder(flags.pipelines), today: new Date().toISOString().slice(0, 10) };
  const files = await readFiles(paths);
  if (files.length === 0) throw new CommandFailure(EXIT.usage, 'No rules were found.');
  const progress = startProgress('files', files.length);
  let findings = wanted(lintSigma(files, { ...context, onFile: (done) => progress.update(done) }), flags);
  progress.stop();
  let fixed = 0;
  if (flags.fix === true || flags.dryRun === true) {
    const done = fixAll(files, findings, (again) => wanted(lintSigma(again, context), flags));
    fixed = done.fixed;
    if (flags.dryRun === true) showDiff(files, done.files, flags);
    else {
      await save(files, done.files);
      ({ findings } = done);
    }
  }
  report(findings, { files: files.length, fixed, flags });
  const bad = findings.some(({ severity }) => severity === 'error' || (flags.strict === true && severity === 'warning'));
  if (bad) process.exitCode = EXIT.failed;
}

function wanted(findings: readonly Finding[], { severity, ignore = [] }: LintFlags): Finding[] {
  const least = SEVERITIES.indexOf(severity);
  return findings.filter((finding) => SEVERITIES.indexOf(finding.severity) <= least && !ignore.includes(finding.code));
}

/** Every YAML file but those that describe regression tests. */
async function readFiles(paths: readonly string[]): Promise<LintFile[]> {
  const names = (await Promise.all(paths.map(yamlFiles))).flat();
  const files: LintFile[] = [];
  for (const file of names) {
    const text = await readFile(file, 'utf8');
    if (!/^(?:regression_tests_info|rule_metadata):/m.test(text)) files.push({ file, text });
  }
  return files;
}

interface Fixed {
  readonly files: LintFile[];
  readonly findings: Finding[];
  readonly fixed: number;
}

function fixAll(files: readonly LintFile[], found: readonly Finding[], again: (files: readonly LintFile[]) => Finding[]): Fixed {
  let [current, findings, fixed] = [[...files], [...found], 0];
  for (let pass = 0; pass < PASSES && findings.some(({ fix }) => fix !== undefined); pass++) {
    const byFile = Map.groupBy(findings, ({ file }) => file);
    current = current.map(({ file, text }) => {
      const result = applyFixes(text, byFile.get(file) ?? []);
      fixed += result.applied;
      return { file, text: result.text };
    });
    findings = again(current);
  }
  return { files: current, findings, fixed };
}

async function save(before: readonly LintFile[], after: readonly LintFile[]): Promise<void> {
  for (const [index, { file, text }] of after.entries()) if (text !== before[index]?.text) await writeFile(file, text);
}

function showDiff(before: readonly LintFile[], after: readonly LintFile[], { json }: LintFlags): void {
  const paint = painter(wantsColour(process.stdout));
  for (const [index, { file, text }] of after.entries()) {
    const lines = lineDiff(before[index]?.text ?? '', text);
    if (lines.length === 0 || json === true) continue;
    const shown = lines.map((line) => (line.startsWith('@') ? line : paint(printable(line), line.startsWith('-') ? 'bad' : 'good')));
    process.stdout.write(`${file}\n${shown.join('\n')}\n`);
  }
}

function report(
  findings: readonly Finding[],
  { files, fixed, flags }: { readonly files: number; readonly fixed: number; readonly flags: LintFlags },
): void {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of findings) counts[severity]++;
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify({ files, counts, fixed, findings })}\n`);
    return;
  }
  if (flags.dryRun !== true) for (const [file, list] of Map.groupBy(findings, (finding) => finding.file)) show(file, list);
  const fixable = findings.filter(({ fix }) => fix !== undefined).length;
  const done = flags.fix === true && flags.dryRun !== true ? `${fixed} fixed` : `${fixable} can be fixed with --fix`;
  process.stderr.write(`${counts.error} errors, ${counts.warning} warnings, ${counts.info} infos in ${files} files; ${done}\n`);
}

function show(file: string, findings: readonly Finding[]): void {
  const paint = painter(wantsColour(process.stdout));
  const lines = findings.map(({ line, column, severity, code, message, fix }) => {
    const word = paint(severity.padEnd(7), severity === 'error' ? 'bad' : severity === 'info' ? 'dim' : 'good');
    return `  ${`${line}:${column}`.padEnd(8)} ${word}  ${printable(message)}  ${paint(`${code}${fix === undefined ? '' : ', fixable'}`, 'dim')}`;
  });
  process.stdout.write(`${file}\n${lines.join('\n')}\n`);
}
