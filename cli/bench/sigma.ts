/** `./vong bench sigma`: events a second on one core, JSON text in, matches out; with a peer in turn, round by round. */
import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createZstdDecompress } from 'node:zlib';
import type { SigmaRun, SigmaRunOrder } from './sigma-run.ts';

const run = promisify(execFile);

export interface SigmaBenchOptions {
  readonly rules: readonly string[];
  readonly events: string;
  readonly pipelines: string;
  readonly repeats: number;
  readonly rounds: number;
  /** A program that takes RULES_DIR EVENTS MATCHES REPEATS and prints JSON with `events_per_s` and `matches`. */
  readonly peer: string | undefined;
  /** Numbers of rules to run with, one after the other; empty: as many as there are. */
  readonly counts: readonly number[];
  readonly say: (line: string) => void;
}

/** `load_s` is that of rules parsed before, the cache of the command line being warm. */
export interface SigmaBench extends SigmaRun {
  /** Seconds of processor time to load the rules from their YAML. */
  readonly load_cold_s: number;
  readonly rounds?: readonly { readonly ours: number; readonly peer: number; readonly ratio: number }[];
  readonly peer?: { readonly events_per_s: number; readonly matches: number };
  /** Median over the rounds. */
  readonly ratio?: number;
  readonly by_rules?: readonly {
    readonly rules: number;
    readonly events_per_s: number;
    readonly load_s: number;
    readonly load_cold_s: number;
    readonly rss_mb: number;
  }[];
}

export async function benchSigma(options: SigmaBenchOptions): Promise<SigmaBench> {
  const [folder, cache] = await Promise.all(['vong-sigma-', 'vong-sigma-cache-'].map((name) => mkdtemp(join(tmpdir(), name))));
  if (folder === undefined || cache === undefined) throw new Error('no folder for what is temporary');
  try {
    const events = join(folder, 'events.ndjson');
    if (options.events.endsWith('.zst'))
      await pipeline(createReadStream(options.events), createZstdDecompress(), createWriteStream(events));
    else await symlink(resolve(options.events), events);
    const plain = { ...options, events, cache };
    if (options.counts.length > 0) return await byRules(plain);
    if (options.peer === undefined) return await measured(plain, 0);
    return await besidePeer(plain, { program: options.peer, folder });
  } finally {
    for (const made of [folder, cache]) await rm(made, { recursive: true, force: true });
  }
}

/** With a folder for what is parsed, empty at first. */
type CachedOptions = SigmaBenchOptions & Pick<SigmaRunOrder, 'cache'>;

async function measured(options: CachedOptions, count: number): Promise<Omit<SigmaBench, 'by_rules'>> {
  const load_cold_s = await loadCold(options, count);
  return { ...best(await rounds(options.rounds, () => ours(options, count))), load_cold_s };
}

async function loadCold(options: CachedOptions, count: number): Promise<number> {
  const { load_s } = await inProcess(options, { count, loadOnly: true });
  options.say(`rules loaded from their YAML in ${load_s} s`);
  return load_s;
}

async function inProcess(options: CachedOptions, part: Pick<SigmaRunOrder, 'count' | 'loadOnly'>): Promise<SigmaRun> {
  const { rules, events, pipelines, repeats, cache } = options;
  const order: SigmaRunOrder = { rules, events, pipelines, repeats, cache, ...part };
  const script = fileURLToPath(new URL('./sigma-run.ts', import.meta.url));
  const { stdout } = await run(process.execPath, ['--disable-warning=ExperimentalWarning', script, JSON.stringify(order)]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own script printed it
  return JSON.parse(stdout) as SigmaRun;
}

async function ours(options: CachedOptions, count: number): Promise<SigmaRun> {
  const result = await inProcess(options, { count, loadOnly: false });
  options.say(
    `ours: ${result.rules} rules, ${result.events_per_s} events/s (first time through: ${result.first_events_per_s}), ${result.rss_mb} MB`,
  );
  return result;
}

async function byRules(options: CachedOptions): Promise<SigmaBench> {
  const results: SigmaBench[] = [];
  // Each from an empty folder.
  for (const count of options.counts) results.push(await measured({ ...options, cache: join(options.cache, String(count)) }, count));
  const [first] = results.toReversed();
  if (first === undefined) throw new Error('there is nothing to measure');
  const by_rules = results.map(({ rules, events_per_s, load_s, load_cold_s, rss_mb }) => ({
    rules,
    events_per_s,
    load_s,
    load_cold_s,
    rss_mb,
  }));
  return { ...first, by_rules };
}

async function besidePeer(options: CachedOptions, { program, folder }: { program: string; folder: string }): Promise<SigmaBench> {
  for (const [at, rules] of options.rules.entries()) await symlink(resolve(rules), join(folder, `${at}-${basename(rules)}`));
  const load_cold_s = await loadCold(options, 0);
  const pairs = await rounds(Math.max(3, options.rounds), async () => {
    const mine = await ours(options, 0);
    const { stdout } = await run(program, [folder, options.events, '/dev/null', String(options.repeats)]);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the peer promises to print
    const theirs = JSON.parse(stdout) as { events_per_s: number; matches: number };
    options.say(`peer: ${Math.round(theirs.events_per_s)} events/s`);
    return { mine, theirs };
  });
  const ratios = pairs.map(({ mine, theirs }) => mine.events_per_s / theirs.events_per_s);
  const [first] = pairs;
  if (first === undefined) throw new Error('there is nothing to measure');
  return {
    ...best(pairs.map(({ mine }) => mine)),
    load_cold_s,
    peer: { events_per_s: Math.round(Math.max(...pairs.map(({ theirs }) => theirs.events_per_s))), matches: first.theirs.matches },
    rounds: pairs.map(({ mine, theirs }, at) => ({
      ours: mine.events_per_s,
      peer: Math.round(theirs.events_per_s),
      ratio: rounded(ratios[at] ?? 0),
    })),
    ratio: rounded(ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? 0),
  };
}

async function rounds<T>(count: number, work: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let round = 0; round < count; round++) results.push(await work());
  return results;
}

function best(runs: readonly SigmaRun[]): SigmaRun {
  return runs.reduce((one, other) => (other.events_per_s > one.events_per_s ? other : one));
}

const rounded = (ratio: number): number => Math.round(ratio * 100) / 100;
