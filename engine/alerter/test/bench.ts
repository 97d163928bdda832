/** Prints signals/s and how long the thread was held, for a storm on few groups and for alerts that are all new. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { drained, openBench, send, signalOf, startAlerter, START } from './setup.ts';

const SIGNALS = 30_000;

const ms = (ns: number): number => Math.round(ns / 1e5) / 10;

async function run(name: string, groups: number): Promise<void> {
  await using bench = await openBench();
  const signals = Array.from({ length: SIGNALS }, (_, i) =>
    signalOf({ event: `event-${i}`, host: `host-${i % groups}`, happened: START + i * 10, rule: `rule-${i % 40}` }),
  );
  for (let at = 0; at < SIGNALS; at += 1000) await send(bench.log, signals.slice(at, at + 1000));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const started = performance.now();
  const alerter = startAlerter(bench);
  await drained(alerter);
  const seconds = (performance.now() - started) / 1000;
  delay.disable();
  await alerter.stop();
  console.log(
    JSON.stringify({
      name,
      signals_per_s: Math.round(SIGNALS / seconds),
      held_ms: { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) },
    }),
  );
}

await run('storm on 40 groups', 40);
await run('3,000 groups', 3000);
await run('every signal a new alert', SIGNALS);
