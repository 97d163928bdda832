/**
 * Every rule of the corpus on every event of the shared data, indexed against plain: `node engine/sigma/test/differential-full.ts`.
 * Takes some ten minutes; prints a line for each set of events, and what the evaluators disagree on. Parts by name, and
 * of each only every n-th event: `… --every 5 windows-process regression`; `--offset 0` to `--offset 4` are its five slices,
 * for processes of their own. `--progress` says after every 5,000 events how far it is.
 */
import { parseArgs } from 'node:util';
import { Comparison } from './agree.ts';
import { laneLines, otrfEvents } from './events.ts';
import { eventFor } from './generate/event.ts';
import { Random } from './generate/random.ts';
import { corpusRules, ourPipelines, readObject, regressionCases } from './support.ts';

const rules = corpusRules();
const random = new Random(7);

/** For each rule an event that raises it, often, and two that nearly do. */
function* made(): Generator<object> {
  for (const rule of rules) {
    const { product = '', service = '', category = '' } = rule.logsource;
    for (const spoilt of [0, 10, 30])
      yield { ls_product: product, ls_service: service, ls_category: category, ...eventFor([rule], random, spoilt) };
  }
}

/** Events as they are, and lines of JSON: of those the text is matched as well. */
const parts: Record<string, () => Iterable<object | string>> = {
  regression: () => regressionCases().flatMap((one) => one.events),
  'windows-process': () => laneLines('windows-process'),
  otrf: () => otrfEvents(25).flatMap((one) => one.events),
  made,
  'windows-mix': () => laneLines('windows-mix'),
};

const { values, positionals: asked } = parseArgs({
  options: {
    every: { type: 'string', default: '1' },
    offset: { type: 'string', default: '0' },
    progress: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const [every, offset] = [Number(values.every), Number(values.offset)];
for (const [name, events] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const comparison = new Comparison(rules, ourPipelines());
  const start = process.cpuUsage().user;
  let count = 0;
  let wrong = 0;
  let place = 0;
  for (const event of events()) {
    if (place++ % every !== offset) continue;
    if (++count % 5_000 === 0 && values.progress) console.error(`${name}: ${count} events, ${wrong} disagreements`);
    const problem = typeof event === 'string' ? comparison.checkJson(event, readObject(event)) : comparison.check(event);
    if (problem !== undefined && wrong++ < 20) console.log(problem.slice(0, 2_000));
  }
  for (const fault of comparison.faults) console.log(`switched off: ${fault}`);
  if (wrong > 0) process.exitCode = 1;
  const seconds = Math.round((process.cpuUsage().user - start) / 1e6);
  console.log(JSON.stringify({ events: name, count, disagreements: wrong, switched_off: comparison.faults.length, cpu_s: seconds }));
}
