/**
 * Our matches on the lanes of the benchmark, and where another engine's differ. `node engine/sigma/test/peer.ts FOLDER` compares with
 * the lists of rsigma in that folder (`windows-mix.tsv`, `windows-process.tsv`: line number from 0, tab, rule id) and prints the facts
 * that `peer-facts.json` holds.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileRules } from '../index.ts';
import { type Lane, laneLines } from './events.ts';
import { corpusRules, ourPipelines } from './support.ts';

export interface LaneFacts {
  readonly events: number;
  readonly matches: number;
  /** SHA-256 of the sorted lines `number<TAB>rule`. */
  readonly digest: string;
}
/** Times a rule matched for one engine only. */
export interface Difference {
  readonly onlyPeer: Readonly<Record<string, number>>;
  readonly onlyOurs: Readonly<Record<string, number>>;
}
export type PeerFacts = Readonly<Record<Lane, LaneFacts & { readonly peer: number } & Difference>>;

export const LANES: readonly Lane[] = ['windows-mix', 'windows-process'];

/** Our matches, one line each. */
export function ourMatches(lane: Lane): { events: number; lines: string[] } {
  const set = compileRules(corpusRules(), { pipelines: ourPipelines(), placeholders: {} });
  const encoder = new TextEncoder();
  const events = laneLines(lane);
  const lines = events.flatMap((line, index) => set.matchJson(encoder.encode(line)).map(({ rule }) => `${index}\t${rule.id}`));
  return { events: events.length, lines: lines.sort() };
}

export function factsOf({ events, lines }: { events: number; lines: readonly string[] }): LaneFacts {
  return { events, matches: lines.length, digest: createHash('sha256').update(lines.join('\n')).digest('hex') };
}

/** The other engine's lines, where its list is there. */
export function peerMatches(folder: string | undefined, lane: Lane): string[] | undefined {
  const file = join(folder ?? '', `${lane}.tsv`);
  return folder !== undefined && existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').sort() : undefined;
}

export function differenceOf(ours: readonly string[], peer: readonly string[]): Difference {
  const count = (lines: readonly string[], others: ReadonlySet<string>): Record<string, number> => {
    const rules = lines.filter((line) => !others.has(line)).map((line) => line.split('\t')[1] ?? '');
    return Object.fromEntries([...Map.groupBy(rules, (rule) => rule)].map(([rule, times]) => [rule, times.length]));
  };
  return { onlyPeer: count(peer, new Set(ours)), onlyOurs: count(ours, new Set(peer)) };
}

if (import.meta.main) {
  const facts = LANES.map((lane) => {
    const found = ourMatches(lane);
    const peer = peerMatches(process.argv[2], lane) ?? [];
    return [lane, { ...factsOf(found), peer: peer.length, ...differenceOf(found.lines, peer) }] as const;
  });
  console.log(JSON.stringify(Object.fromEntries(facts), undefined, 2));
}
