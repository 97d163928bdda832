import { expect, it, vi } from 'vitest';
import { systemClock } from '@vong/platform/clock';
import type { Log } from '@vong/platform/log';
import { StageLatencies } from '@vong/platform/metrics';
import { detect, type Matcher } from './detect.ts';
import { DETECTOR_GROUP, DetectorLoop } from './loop.ts';
import { always, appendEvents, eventOf, openBench, ruleOf, signalsOf } from './test/setup.ts';

const loopOver = (log: Log) => new DetectorLoop({ log, stages: new StageLatencies(systemClock) });

async function committed(log: Log): Promise<number> {
  return [...(await log.committed(DETECTOR_GROUP, 'events')).values()].reduce((a, b) => a + b, 0);
}

async function untilRead(log: Log, events: number): Promise<void> {
  await vi.waitFor(async () => expect(await committed(log)).toBe(events), { timeout: 10_000, interval: 10 });
}

it('stores the signals of a batch with its offset: broken off at any append, each event has its signal exactly once', async () => {
  await using bench = await openBench();
  await appendEvents(bench.log, 0, 5000);
  for (let survived = 0; ; survived++) {
    let appends = 0;
    const breaking: Log = {
      ...bench.log,
      append: async (request) => {
        if (appends++ >= 1) throw new Error('the power went');
        return await bench.log.append(request);
      },
    };
    const loop = loopOver(breaking);
    loop.use(always('r'));
    const running = loop.run().then(
      () => 'stopped',
      () => 'broken',
    );
    const done = untilRead(bench.log, 5000).then(() => loop.stop());
    if ((await committed(bench.log)) === 5000 || survived > 20) {
      loop.stop();
      await Promise.all([running, done]);
      break;
    }
    const outcome = await Promise.race([running, done.then(() => 'done')]);
    done.catch(() => undefined);
    if (outcome === 'done') break;
  }
  const signals = await signalsOf(bench.log);
  expect(signals).toHaveLength(5000);
  expect(new Set(signals.map(({ id }) => id)).size).toBe(5000);
});

it('changes rules between batches, never inside one', async () => {
  await using bench = await openBench(1);
  await appendEvents(bench.log, 0, 1500);
  const loop = loopOver(bench.log);
  let seen = 0;
  loop.use(always('old', () => void (++seen === 10 && loop.use(always('new')))));
  const running = loop.run();
  await untilRead(bench.log, 1500);
  loop.stop();
  await running;
  const rules = new Map((await signalsOf(bench.log)).map((signal) => [Number(signal.event.id.slice(1)), signal.rule.id]));
  expect(Array.from({ length: 1500 }, (_, n) => rules.get(n))).toEqual([
    ...Array<string>(1000).fill('old'),
    ...Array<string>(500).fill('new'),
  ]);
});

it('that starts with a backlog and without rules lets its thread hear of them, and misses nothing', async () => {
  await using bench = await openBench();
  await appendEvents(bench.log, 0, 100);
  const loop = loopOver(bench.log);
  const running = loop.run();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await committed(bench.log)).toBe(0);
  loop.use(always('late'));
  await untilRead(bench.log, 100);
  loop.stop();
  await running;
  expect(await signalsOf(bench.log)).toHaveLength(100);
});

it('stops before it had any rules, and while nothing comes', async () => {
  await using bench = await openBench();
  const idle = loopOver(bench.log);
  const first = idle.run();
  idle.stop();
  await first;
  const waiting = loopOver(bench.log);
  waiting.use(always('r'));
  const second = waiting.run();
  await new Promise((resolve) => setTimeout(resolve, 20));
  waiting.stop();
  await second;
});

it('waits while the disk is full, with what it found in hand', async () => {
  await using bench = await openBench(1);
  await appendEvents(bench.log, 0, 50);
  let refusals = 2;
  let matched = 0;
  const full: Log = {
    ...bench.log,
    append: async (request) => {
      if (refusals-- > 0) throw Object.assign(new Error('full'), { code: 'LOG_FULL' });
      return await bench.log.append(request);
    },
  };
  const loop = loopOver(full);
  loop.use(always('r', () => void matched++));
  const running = loop.run();
  await untilRead(bench.log, 50);
  loop.stop();
  await running;
  expect(matched).toBe(50);
  expect(await signalsOf(bench.log)).toHaveLength(50);
});

it('counts and passes over records that are no events', async () => {
  await using bench = await openBench(1);
  await bench.log.append({ batches: [{ topic: 'events', records: [{ key: 'k', value: Buffer.from('no event') }] }] });
  await appendEvents(bench.log, 0, 3);
  const loop = loopOver(bench.log);
  loop.use(always('r'));
  const running = loop.run();
  await untilRead(bench.log, 4);
  loop.stop();
  await running;
  expect(loop.takeStats()).toMatchObject({ events: 4, signals: 3, unreadable: 1, matches: [['r', 'bo-a', 3]] });
  expect(loop.takeStats()).toMatchObject({ events: 0, signals: 0, unreadable: 0, matches: [] });
  expect(await signalsOf(bench.log)).toHaveLength(3);
});

it('gives a signal an id that depends only on event and rule, and a group on rule, agency, host and user', () => {
  const matcher: Matcher = { match: () => [{ rule: ruleOf('a') }, { rule: ruleOf('b') }] };
  const stored = (n: number, offset: number) => ({
    partition: 0,
    offset,
    timestamp: 0,
    key: 'k',
    value: Buffer.from(JSON.stringify(eventOf(n))),
  });
  const run = (offset: number, now: number) =>
    detect([stored(1, offset), stored(12, offset + 1)], { matcher, now: () => now }).signals.map(
      ({ value }) => JSON.parse(Buffer.from(value).toString()) as { id: string; group: string },
    );
  const [first, again] = [run(0, 1), run(900, 2)];
  expect(first.map(({ id }) => id)).toEqual(again.map(({ id }) => id));
  expect(new Set(first.map(({ id }) => id)).size).toBe(4);
  // Events 1 and 12 are of the same host: two rules, two groups.
  expect(new Set(first.map(({ group }) => group)).size).toBe(2);
});
