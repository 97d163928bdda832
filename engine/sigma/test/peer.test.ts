/** What docs/reference/sigma-differences.md says about another engine is what our matches are, and what its list holds where it is there. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { differenceOf, factsOf, LANES, ourMatches, type PeerFacts, peerMatches } from './peer.ts';
import { hasCorpus, hasLanes } from './support.ts';

const facts = JSON.parse(readFileSync(new URL('peer-facts.json', import.meta.url), 'utf8')) as PeerFacts;
const page = readFileSync(new URL('../../../docs/reference/sigma-differences.md', import.meta.url), 'utf8');
/** A folder with `windows-mix.tsv` and `windows-process.tsv`, as the peer writes them. */
const peerFolder = process.env['VONG_RSIGMA_MATCHES'];

describe.skipIf(!hasCorpus || !hasLanes)('on the lanes of the benchmark', () => {
  it.each(LANES)('%s: our matches are the ones that were compared', (lane) => {
    const found = ourMatches(lane);
    const { events, matches, digest } = facts[lane];
    expect(factsOf(found)).toEqual({ events, matches, digest });
    const peer = peerMatches(peerFolder, lane);
    if (peer !== undefined)
      expect(differenceOf(found.lines, peer)).toEqual({ onlyPeer: facts[lane].onlyPeer, onlyOurs: facts[lane].onlyOurs });
  });
});

describe('the page of differences', () => {
  const number = (value: number): string => value.toLocaleString('en-US');
  const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((total, count) => total + count, 0);
  it.each(LANES)('%s: has the counts, and they add up', (lane) => {
    const { events, matches, peer, onlyPeer, onlyOurs } = facts[lane];
    expect(page).toContain(`| ${lane} | ${number(events)} | ${number(peer)} | ${number(matches)} | ${sum(onlyPeer)} | ${sum(onlyOurs)} |`);
    expect(matches - sum(onlyOurs)).toBe(peer - sum(onlyPeer));
  });
  it('explains every rule that differs, with how often', () => {
    const [only, ours] = [page.split('## Only rsigma')[1] ?? '', page.split('## Only ours')[1] ?? ''];
    const times = (side: 'onlyPeer' | 'onlyOurs', rule: string): string =>
      LANES.map((lane) => facts[lane][side][rule] ?? 0)
        .filter((count, index) => index === 0 || side === 'onlyOurs' || count > 0)
        .join(', ');
    const rules = (side: 'onlyPeer' | 'onlyOurs'): string[] => [...new Set(LANES.flatMap((lane) => Object.keys(facts[lane][side])))];
    const rowOf = (text: string, rule: string): string =>
      text.split('\n').find((line) => line.startsWith(`| \`${rule.slice(0, 8)}\``)) ?? '';
    for (const rule of rules('onlyPeer')) expect(rowOf(only, rule)).toContain(` | ${times('onlyPeer', rule)} | `);
    for (const rule of rules('onlyOurs')) expect(rowOf(ours, rule)).toContain(` | ${times('onlyOurs', rule)} | `);
  });
});
