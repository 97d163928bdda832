/** A detector's worker thread: compiles the rules it is sent and runs the loop. One log connection of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadPipelines } from 'sigma-rules-ts';
import { systemClock } from '@vong/platform/clock';
import { connectLog } from '@vong/platform/log';
import { StageLatencies } from '@vong/platform/metrics';
import { RuleStore } from './compile.ts';
import type { Matcher } from './detect.ts';
import { DetectorLoop } from './loop.ts';
import { WARM_EVENTS } from './warm.ts';
import type { DetectorSettings, FromDetector, RulesChange, ThreadLoaded, ToDetector } from './messages.ts';

const STATS_MS = 1000;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the thread that started us gave it
const settings = workerData as DetectorSettings;
const post = (message: FromDetector): void => parentPort?.postMessage(message);
const store = new RuleStore({
  pipelines: loadPipelines(settings.pipelines),
  onFault: (rule, version, error) => post({ kind: 'fault', rule, version, reason: reasonOf(error) }),
});
/** What to report once a compiled generation is in use. */
const compiled = new WeakMap<Matcher, Omit<ThreadLoaded, 'at'>>();
const log = await connectLog(settings.log, { clock: systemClock });
const loop = new DetectorLoop({ log, share: settings.share, stages: new StageLatencies(systemClock), onUse: reportUse });

function load(change: RulesChange): void {
  const started = performance.now();
  store.change(change);
  if (!change.last) return;
  const { matcher, warm, ...loaded } = store.compile(change.values);
  for (const event of WARM_EVENTS) warm(event);
  compiled.set(matcher, { ...loaded, generation: change.generation, ms: Math.round(performance.now() - started) });
  loop.use(matcher);
}

function reportUse(matcher: Matcher): void {
  const loaded = compiled.get(matcher);
  if (loaded !== undefined) post({ kind: 'loaded', at: systemClock.now(), ...loaded });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

parentPort?.on('message', (message: ToDetector) => {
  if (message.kind === 'stop') return loop.stop();
  try {
    load(message);
  } catch (error) {
    post({ kind: 'failed', generation: message.generation, reason: reasonOf(error) });
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
