/**
 * What expressions cost on texts made to hurt them: `node engine/sigma/test/regex-times.ts [--random 2000] [--seed 1]`. Processor time
 * of this thread for one text, in milliseconds: the first text an expression sees, and the same text again. Known hostile pairs,
 * then random ones; the dearest of each are printed. The engine's own code is warm, the expression is new each time.
 */
import { parseArgs } from 'node:util';
import { SigmaError } from '../errors.ts';
import { compileRegex } from '../regex/compile.ts';
import { Random } from './generate/random.ts';
import { COSTLY, HOSTILE, NATIVE, HOSTILE_TEXTS, hostilePattern } from './hostile-regex.ts';

interface Times {
  readonly pattern: string;
  readonly text: string;
  readonly units: number;
  readonly outcome: string;
  readonly first: Spent;
  readonly again: Spent;
}

/** The clock of processor time may tick every 4 ms, so it is read over all rounds; single rounds by the clock on the wall. */
interface Spent {
  readonly cpu: number;
  readonly median: number;
  readonly worst: number;
}

const { values } = parseArgs({
  options: {
    random: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '15' },
  },
});

function spent(runs: readonly (() => void)[]): Spent {
  const walls: number[] = [];
  const before = process.threadCpuUsage();
  for (const run of runs) {
    const start = performance.now();
    run();
    walls.push(performance.now() - start);
  }
  const after = process.threadCpuUsage();
  walls.sort((a, b) => a - b);
  const cpu = (after.user + after.system - before.user - before.system) / 1_000 / runs.length;
  return { cpu, median: walls[walls.length >> 1] ?? 0, worst: walls.at(-1) ?? 0 };
}

let round = 0;
function measure(pattern: string, text: string, { flags = '', rounds = Number(values.rounds) } = {}): Times | undefined {
  let outcome = '';
  const runs: (() => void)[] = [];
  for (let n = 0; n < rounds; n++) {
    let regex: ReturnType<typeof compileRegex>;
    try {
      // Blanks are no flags: another text of flags is compiled anew.
      regex = compileRegex(pattern, `${flags}${' '.repeat(round++ % 900)}`);
    } catch {
      return undefined;
    }
    runs.push(() => {
      try {
        const found = regex.test(text);
        outcome = `${found}`;
      } catch (error) {
        if (!(error instanceof SigmaError)) throw error;
        outcome = 'given up';
      }
    });
    if (n === 0) outcome = regex.isNative(text) ? 'native' : 'linear';
  }
  const how = outcome;
  const first = spent(runs);
  const again = spent(runs);
  return { pattern, text: text.slice(0, 12), units: text.length, outcome: `${how} ${outcome}`, first, again };
}

const most = ({ first, again }: Times): number => Math.max(first.median, again.median);

function print(name: string, all: readonly Times[], count: number): void {
  console.log(`${name}: ${all.length} pairs; ms of the first text, and of the same again: processor mean, wall median, wall worst`);
  for (const one of all.toSorted((a, b) => most(b) - most(a)).slice(0, count)) {
    const [first, again] = [one.first, one.again].map(({ cpu, median, worst }) =>
      [cpu, median, worst].map((ms) => ms.toFixed(2)).join(' '),
    );
    const pattern = one.pattern.length > 48 ? `${one.pattern.slice(0, 47)}…` : one.pattern;
    console.log(`  ${first} | ${again}  ${one.outcome}  ${pattern}  on ${JSON.stringify(one.text)} × ${one.units}`);
  }
}

const pairs: readonly (readonly [string, string])[] = [...HOSTILE, ...COSTLY];
for (let n = 0; n < 3; n++) for (const [pattern, text] of pairs) measure(pattern, text, { rounds: 3 });
print(
  'known',
  pairs.flatMap(([pattern, text]) => measure(pattern, text) ?? []),
  40,
);
const random = new Random(Number(values.seed));

/** The longest of these texts, to 1 MB, that the native engine is let run on: its worst case. */
function longestNative(pattern: string, text: string): string | undefined {
  const regex = compileRegex(pattern, '');
  for (let units = 1_000_000; units > 20; units = Math.floor(units * 0.9)) {
    const one = text.repeat(Math.ceil(units / text.length)).slice(0, units) + '!';
    if (regex.isNative(one)) return one;
  }
  return undefined;
}

function nativeWorst(pattern: string, piece: string): Times | undefined {
  try {
    const text = longestNative(pattern, piece);
    return text === undefined ? undefined : measure(pattern, text, { rounds: 5 });
  } catch (error) {
    if (error instanceof Error && error.constructor === Error) return undefined;
    throw error;
  }
}

const natives = NATIVE.flatMap((pattern) => ['a', 'ab', 'a b\\', 'đa'].flatMap((piece) => nativeWorst(pattern, piece) ?? []));
for (let n = 0; n < Number(values.random) / 2; n++)
  natives.push(...[nativeWorst(hostilePattern(random), random.pick(['a', 'ab', 'aab', 'a b', 'đa']))].filter((one) => one !== undefined));
print('native, on the longest text it may run on', natives, 25);
const found: Times[] = [];
for (let n = 0; n < Number(values.random); n++) {
  const pattern = hostilePattern(random);
  const once = measure(pattern, random.pick(HOSTILE_TEXTS), { flags: random.pick(['', 'i', 's', 'ims']), rounds: 5 });
  if (once !== undefined) found.push(once);
}
print('random', found, 40);
