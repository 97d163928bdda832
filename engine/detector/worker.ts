/** A detector's worker thread: compiles the rules it is sent and runs the loop. One log connection of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { compileRules, loadPipelines, parseRules, type SigmaRule } from 'sigma-rules-ts';
import { systemClock } from '@vong/platform/clock';
import { openLog } from '@vong/platform/log';
import { StageLatencies } from '@vong/platform/metrics';
import type { Matcher } from './detect.ts';
import { DetectorLoop } from './loop.ts';
import type { DetectorSettings, FailedRule, FromDetector, RuleText, ToDetector } from './messages.ts';

const STATS_MS = 1000;

const settings = workerData as DetectorSettings;
const pipelines = loadPipelines(settings.pipelines);
const log = openLog({ path: settings.logPath, topics: [...settings.topics], clock: systemClock });
const loop = new DetectorLoop({ log, partitions: settings.partitions, stages: new StageLatencies(systemClock) });

const post = (message: FromDetector): void => parentPort?.postMessage(message);

/** Parsed rules by version, so that a change of one rule parses one rule. */
let parsed = new Map<string, { rules: SigmaRule[]; failed: FailedRule[] }>();

function parse(rule: RuleText): { rules: SigmaRule[]; failed: FailedRule[] } {
  const { rules, failures } = parseRules(rule.yaml, rule.file);
  return {
    rules: rules.filter((each) => each.id === rule.id),
    failed: failures.map((failure) => ({ ...failure, id: rule.id })),
  };
}

function load(generation: number, texts: readonly RuleText[]): void {
  const started = performance.now();
  const next = new Map<string, { rules: SigmaRule[]; failed: FailedRule[] }>();
  const versions = new Map<string, string>();
  for (const text of texts) {
    const key = `${text.id}\0${text.version}`;
    next.set(key, parsed.get(key) ?? parse(text));
    versions.set(text.id, text.version);
  }
  parsed = next;
  const all = [...next.values()];
  const rules = all.flatMap((each) => each.rules);
  const set = compileRules(rules, { pipelines, onFault: (rule, error) => post({ kind: 'fault', rule, reason: reasonOf(error) }) });
  loop.use(withVersions(set, versions));
  post({
    kind: 'loaded',
    generation,
    rules: set.size,
    failed: all.flatMap((each) => each.failed),
    ms: Math.round(performance.now() - started),
  });
}

/** Every signal carries the version of the rule that made it. */
function withVersions(set: ReturnType<typeof compileRules>, versions: ReadonlyMap<string, string>): Matcher {
  const rules = new Map<string, ReturnType<Matcher['match']>[number]>();
  const known = (rule: SigmaRule) => {
    let found = rules.get(rule.id);
    if (found === undefined) {
      found = {
        rule: { id: rule.id, title: rule.title, level: rule.level ?? 'medium', version: versions.get(rule.id) ?? '', tags: rule.tags },
      };
      rules.set(rule.id, found);
    }
    return found;
  };
  return { match: (event) => set.match(event).map(({ rule }) => known(rule)) };
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
