/**
 * One run of `bench sigma` in a process of its own: rules loaded, events matched from their JSON text, processor time counted over
 * all threads (garbage collection included). Reads its order from argv[2], prints one JSON line.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { compileRules, type RuleSet } from 'sigma-rules-ts';
import { multiplied } from './mutate.ts';
import { withParsedCache } from '../sigma/cache.ts';
import { loadPipelineFolder, loadRules } from '../sigma/rules.ts';

export interface SigmaRunOrder {
  readonly rules: readonly string[];
  /** NDJSON, not compressed. */
  readonly events: string;
  readonly pipelines: string;
  /** Times the events are gone through, after a first time that is counted apart: V8 compiles, and parts of the index are made, in it. */
  readonly repeats: number;
  /** Rules to use: a part of those there are, or copies with changed values beyond them. 0: as they are. */
  readonly count: number;
  /** Folder of what was parsed before. */
  readonly cache: string;
  /** Stops when the rules are loaded. */
  readonly loadOnly: boolean;
}

export interface SigmaRun {
  readonly rules: number;
  readonly failed: number;
  /** Seconds of processor time until the rules are ready. */
  readonly load_s: number;
  readonly events: number;
  /** Of one pass. */
  readonly matches: number;
  readonly events_per_s: number;
  /** Of the first time through the events. */
  readonly first_events_per_s: number;
  readonly rss_mb: number;
}

const CHUNK = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

async function run({ events: file, repeats, ...order }: SigmaRunOrder): Promise<SigmaRun | Pick<SigmaRun, 'load_s'>> {
  const started = process.cpuUsage();
  const { rules, set, failed } = await load(order);
  const load_s = Math.round(cpuSince(started) * 1000) / 1000;
  if (order.loadOnly) return { load_s };
  const first = { events: 0, matches: 0, seconds: 0 };
  pass(file, set, first);
  const total = { events: 0, matches: 0, seconds: 0 };
  for (let round = 0; round < repeats; round++) pass(file, set, total);
  return {
    rules: rules.length,
    failed,
    load_s,
    events: total.events,
    matches: total.matches / repeats,
    events_per_s: Math.round(total.events / total.seconds),
    first_events_per_s: Math.round(first.events / first.seconds),
    rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

async function load(order: Pick<SigmaRunOrder, 'rules' | 'pipelines' | 'count' | 'cache'>) {
  const [{ rules, failures }, pipelines] = await Promise.all([
    withParsedCache(async (cache) => {
      const loaded = await loadRules(order.rules, cache);
      return order.count === 0 ? loaded : { ...loaded, rules: multiplied(loaded.rules, order.count, cache) };
    }, order.cache),
    loadPipelineFolder(order.pipelines),
  ]);
  const set = compileRules(rules, { pipelines });
  return { rules, set, failed: failures.length + set.unusable.length };
}

/** Goes through the file piece by piece, so that memory is the engine's. Read synchronously: no other thread works meanwhile. */
function pass(file: string, set: RuleSet, total: { events: number; matches: number; seconds: number }): void {
  const handle = openSync(file, 'r');
  const piece = Buffer.allocUnsafeSlow(CHUNK);
  try {
    for (let held = 0; ;) {
      const read = readSync(handle, piece, held, CHUNK - held, null);
      const filled = held + read;
      const end = read === 0 ? filled : piece.subarray(0, filled).lastIndexOf(NEWLINE) + 1;
      matchLines(piece.subarray(0, end), set, total);
      if (read === 0) return;
      piece.copy(piece, 0, end, filled);
      held = filled - end;
      if (held === CHUNK) throw new Error(`${file} has a line of more than ${CHUNK} bytes`);
    }
  } finally {
    closeSync(handle);
  }
}

function matchLines(data: Buffer, set: RuleSet, total: { events: number; matches: number; seconds: number }): void {
  const lines: Buffer[] = [];
  for (let from = 0; from < data.length;) {
    const found = data.indexOf(NEWLINE, from);
    const to = found < 0 ? data.length : found;
    if (to > from) lines.push(data.subarray(from, to));
    from = to + 1;
  }
  const started = process.cpuUsage();
  for (const line of lines) total.matches += set.matchJson(line).length;
  total.seconds += cpuSince(started);
  total.events += lines.length;
}

function cpuSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the benchmark that started us wrote it
const given = JSON.parse(process.argv[2] ?? '') as SigmaRunOrder;
process.stdout.write(`${JSON.stringify(await run(given))}\n`);
