/** What a backtracking engine may cost on a text, before it is run. */
import { fold } from '../match/fold.ts';
import { pairs, type RegexNode } from './ast.ts';

const MOST = 1e15;
/** An assertion is a look-around of its own in the source we emit. */
const ASSERT_STEPS = 3;
/** Sets of more bounds than this are searched, not compared. */
const FEW_BOUNDS = 16;

interface Cost {
  /** Steps at worst from one start. */
  readonly work: number;
  /** Places at which the engine may have to go on after this node. */
  readonly ways: number;
}

/** Steps the engine takes at worst from one start position in a text of `length` units. */
export function stepsPerStart(node: RegexNode, length: number): number {
  return costOf(node, length).work;
}

function costOf(node: RegexNode, length: number): Cost {
  if (node.kind === 'set') return { work: node.set.length > FEW_BOUNDS ? 2 : 1, ways: 1 };
  if (node.kind === 'assert') return { work: ASSERT_STEPS, ways: 1 };
  if (node.kind === 'alt') {
    const branches = node.items.map((item) => costOf(item, length));
    return { work: sum(branches.map((branch) => branch.work)), ways: sum(branches.map((branch) => branch.ways)) };
  }
  if (node.kind === 'cat') {
    let [work, ways] = [0, 1];
    for (const item of node.items) {
      const cost = costOf(item, length);
      work += ways * cost.work;
      ways *= cost.ways;
    }
    return { work: Math.min(work, MOST), ways: Math.min(ways, MOST) };
  }
  const inner = costOf(node.item, length);
  const rounds = Math.min(node.max, length);
  if (inner.ways === 1) return { work: rounds * inner.work + 1, ways: rounds - Math.min(node.min, rounds) + 1 };
  // A choice repeated without bound is exponential.
  if (node.max > length) return { work: MOST, ways: MOST };
  let [work, ways, all] = [0, 1, 0];
  for (let round = 0; round < rounds && work < MOST; round++) {
    work += ways * inner.work;
    ways *= inner.ways;
    if (round + 1 >= node.min) all += ways;
  }
  return { work: Math.min(work + 1, MOST), ways: Math.min(all + 1, MOST) };
}

function sum(numbers: readonly number[]): number {
  return Math.min(
    numbers.reduce((a, b) => a + b, 0),
    MOST,
  );
}

/** Units of the beginning that are looked at: what the native engine compares at once before it tries a place. */
const LEADING = 4;

/** The sets every match begins with, from two to four, where each is one letter in any case: the engine works only where they stand. */
export function leadingSets(node: RegexNode): readonly RegexNode[] | undefined {
  const items = node.kind === 'cat' ? node.items : [node];
  const end = items.findIndex((item) => item.kind !== 'set' || !isOneLetter(item));
  const leading = items.slice(0, Math.min(end < 0 ? items.length : end, LEADING));
  return leading.length >= 2 ? leading : undefined;
}

function isOneLetter(node: RegexNode & { kind: 'set' }): boolean {
  const folded = new Set<string>();
  for (const [from, to] of pairs(node.set)) {
    if (to - from > 2) return false;
    for (let unit = from; unit <= to; unit++) folded.add(fold(String.fromCharCode(unit)));
  }
  return folded.size === 1;
}

/** Fewest units a match has. */
export function shortestMatch(node: RegexNode): number {
  if (node.kind === 'set') return 1;
  if (node.kind === 'assert') return 0;
  if (node.kind === 'cat') return node.items.reduce((length, item) => length + shortestMatch(item), 0);
  if (node.kind === 'alt') return Math.min(...node.items.map(shortestMatch));
  return node.min * shortestMatch(node.item);
}
