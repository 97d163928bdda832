/** `./vong bench`: what performance claims rest on. Each prints one JSON object on stdout. */
import type { Command } from 'commander';
import { benchCorrelation } from 'sigma-rules-ts/correlation/bench';
import { existsSync } from 'node:fs';
import { sharedPath, SIGMA_RULE_FOLDERS } from '../deploy/testbed/shared.ts';
import { clusterMissing } from '../deploy/testbed/cluster.ts';
import { benchCluster } from './bench/cluster.ts';
import { benchPipeline } from './bench/pipeline.ts';
import { benchSigma } from './bench/sigma.ts';
import { CommandFailure, EXIT, EXIT_HELP } from './exit.ts';
import { PIPELINES } from './sigma/rules.ts';

interface PipelineFlags {
  readonly rules?: string[];
  readonly events: string;
  readonly seconds: string;
  readonly rate: string;
  readonly json?: boolean;
}

interface ClusterFlags {
  readonly rules?: string[];
  readonly events: string;
  readonly seconds: string;
  readonly detectors: string[];
  readonly brokers: string;
  readonly json?: boolean;
}

interface SigmaFlags {
  readonly rules?: string[];
  readonly events: string;
  readonly pipelines: string;
  readonly repeats: string;
  readonly rounds: string;
  readonly peer?: string;
  readonly counts?: string[];
  readonly json?: boolean;
}

export function benchCommand(program: Command): void {
  const bench = program.command('bench').description('measure on this machine; JSON on stdout');
  benchSigmaCommand(bench);
  benchCorrelationCommand(bench);
  benchClusterCommand(bench);
  onCorpus(bench.command('pipeline'))
    .description('events/s from the gateway to detected and searchable, and the delay to the browser at a paced rate')
    .option('--seconds <n>', 'length of the full load', '60')
    .option('--rate <n>', 'events/s of the paced load', '2000')
    .option('--json', 'one line of JSON (default: indented)')
    .addHelpText('after', EXIT_HELP)
    .action(async (flags: PipelineFlags) => {
      const [seconds, rate] = [whole(flags, 'seconds'), whole(flags, 'rate')];
      const rules = existing(flags);
      const result = await benchPipeline({ rules, events: flags.events, seconds, rate, say });
      print(result, flags);
    });
}

/** What is run over real rules and events takes others as well. */
function onCorpus(command: Command): Command {
  return command
    .option('--rules <dir...>', 'folders of Sigma rules (default: the SigmaHQ set of the shared data)')
    .option('--events <file>', 'NDJSON of Windows events, .zst allowed', sharedPath('data', 'bench', 'windows-mix.ndjson.zst'));
}

function benchClusterCommand(bench: Command): void {
  onCorpus(bench.command('cluster'))
    .description('events/s, CPU and bytes an event of each role, on real servers started here; detectors in several numbers')
    .option('--seconds <n>', 'how long the log is filled for each number of detectors', '20')
    .option('--detectors <n...>', 'numbers of detector processes', ['1', '2', '4'])
    .option('--brokers <n>', 'Kafka brokers, 1 or 3', '1')
    .option('--json', 'one line of JSON (default: indented)')
    .addHelpText('after', EXIT_HELP)
    .action(async (flags: ClusterFlags) => {
      const why = await clusterMissing();
      if (why !== '') throw new CommandFailure(EXIT.failed, `the servers cannot be had here: ${why}`);
      const detectors = flags.detectors.map((detectors) => whole({ detectors }, 'detectors'));
      const { events, brokers } = flags;
      if (brokers !== '1' && brokers !== '3') throw new CommandFailure(EXIT.usage, '--brokers must be 1 or 3');
      const rules = existing(flags);
      const seconds = whole(flags, 'seconds');
      print(await benchCluster({ rules, events, seconds, detectors, brokers: brokers === '3' ? 3 : 1, say }), flags);
    });
}

function benchSigmaCommand(bench: Command): void {
  bench
    .command('sigma')
    .description('events/s of the rule engine on one core, JSON text in, matches out')
    .option('--rules <dir...>', 'folders of Sigma rules (default: the SigmaHQ set of the shared data)')
    .option('--events <file>', 'NDJSON, .zst allowed', sharedPath('data', 'bench', 'windows-mix.ndjson.zst'))
    .option('--pipelines <dir>', 'folder of pipelines', PIPELINES)
    .option('--repeats <n>', 'times the events are gone through in one run, after a first time that is counted apart', '1')
    .option('--rounds <n>', 'runs, each in a process of its own; the best counts, with a peer the median of the ratios', '1')
    .option('--peer <program>', 'run this program in turn with ours, at least three rounds, and print the ratio')
    .option('--counts <n...>', 'numbers of rules to run with: a part of those there are, or changed copies beyond them')
    .option('--json', 'one line of JSON (default: indented)')
    .addHelpText('after', EXIT_HELP)
    .action(async (flags: SigmaFlags) => {
      const { events, pipelines, peer } = flags;
      const counts = (flags.counts ?? []).map((counts) => whole({ counts }, 'counts'));
      const [repeats, rounds] = [whole(flags, 'repeats'), whole(flags, 'rounds')];
      const rules = existing(flags);
      print(await benchSigma({ rules, events, pipelines, peer, counts, repeats, rounds, say }), flags);
    });
}

function benchCorrelationCommand(bench: Command): void {
  bench
    .command('correlation')
    .description('events/s and memory of a correlation with very many live groups')
    .option('--groups <n>', 'groups alive at once', '1000000')
    .option('--json', 'one line of JSON (default: indented)')
    .addHelpText('after', EXIT_HELP)
    .action((flags: { readonly groups: string; readonly json?: boolean }) => {
      print(benchCorrelation({ groups: whole(flags, 'groups'), memory: () => process.memoryUsage().rss }), flags);
    });
}

/** The number given for an option. */
function whole<Name extends string>(flags: Readonly<Record<Name, string>>, name: Name): number {
  const text = flags[name];
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CommandFailure(EXIT.usage, `--${name} is "${text}" and must be a whole number of at least 1.`);
}

/** The folders of rules; fails when they or the events are not there. */
function existing(flags: { readonly rules?: string[]; readonly events: string }): readonly string[] {
  const rules = flags.rules ?? SIGMA_RULE_FOLDERS.map((folder) => sharedPath('data', 'sigmahq', folder));
  const missing = [...rules, flags.events].find((path) => !existsSync(path));
  if (missing !== undefined) throw new CommandFailure(EXIT.usage, `${missing} does not exist; name --rules and --events.`);
  return rules;
}

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

function print(result: object, { json }: { readonly json?: boolean | undefined }): void {
  process.stdout.write(`${json ? JSON.stringify(result) : JSON.stringify(result, null, 2)}\n`);
}
