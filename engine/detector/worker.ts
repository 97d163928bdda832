/** A detector's worker thread: compiles the rules it is sent and runs the loop. One log connection of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { compileRules, loadPipelines, parseRules, type SigmaRule } from 'sigma-rules-ts';
import { systemClock } from '@vong/platform/clock';
import { openLog } from '@vong/platform/log';
import { StageLatencies } from '@vong/platform/metrics';
import { DetectorLoop } from './loop.ts';
import { WARM_EVENTS } from './warm.ts';
import type { DetectorSettings, FailedRule, FromDetector, RuleText, ToDetector } from './messages.ts';

const STATS_MS = 1000;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the thread that started us gave it
const settings = workerData as DetectorSettings;
const pipelines = loadPipelines(settings.pipelines);
const log = openLog({ path: settings.logPath, topics: [...settings.topics], clock: systemClock });
const loop = new DetectorLoop({ log, partitions: settings.partitions, stages: new StageLatencies(systemClock) });

const post = (message: FromDetector): void => parentPort?.postMessage(message);

/** A rule with its version, which every signal carries. */
type VersionedRule = SigmaRule & { readonly version: string };
interface ParsedRule {
  readonly rules: VersionedRule[];
  readonly failed: FailedRule[];
}

/** Parsed rules by version, so that a change of one rule parses one rule. */
let parsed = new Map<string, ParsedRule>();

function parse(rule: RuleText): ParsedRule {
  const { rules, failures } = parseRules(rule.yaml, rule.file);
  return {
    rules: rules.filter((each) => each.id === rule.id).map((each) => ({ ...each, version: rule.version })),
    failed: failures.map((failure) => ({ ...failure, id: rule.id })),
  };
}

function load(generation: number, texts: readonly RuleText[]): void {
  const started = performance.now();
  const next = new Map<string, ParsedRule>();
  for (const text of texts) {
    const key = `${text.id}\0${text.version}`;
    next.set(key, parsed.get(key) ?? parse(text));
  }
  parsed = next;
  const all = [...next.values()];
  const rules = all.flatMap((each) => each.rules);
  const set = compileRules(rules, { pipelines, onFault: (rule, error) => post({ kind: 'fault', rule, reason: reasonOf(error) }) });
  for (const event of WARM_EVENTS) set.match(event);
  loop.use(set);
  const unusable = set.unusable.map((failure) => ({ ...failure, id: rules.find(({ file }) => file === failure.file)?.id ?? '' }));
  post({
    kind: 'loaded',
    generation,
    rules: rules.length,
    withoutLogsource: set.withoutLogsource.map(({ id }) => id),
    failed: [...all.flatMap((each) => each.failed), ...unusable],
    ms: Math.round(performance.now() - started),
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

parentPort?.on('message', (message: ToDetector) => {
  if (message.kind === 'stop') return loop.stop();
  try {
    load(message.generation, message.rules);
  } catch (error) {
    post({ kind: 'failed', reason: reasonOf(error) });
  }
});

const timer = setInterval(() => post({ kind: 'stats', stats: loop.takeStats() }), STATS_MS);
try {
  await loop.run();
} finally {
  clearInterval(timer);
  post({ kind: 'stats', stats: loop.takeStats() });
  await log.close();
}
post({ kind: 'stopped' });
parentPort?.close();
