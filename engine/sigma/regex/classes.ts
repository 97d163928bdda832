/** Units that no set of an expression tells apart, numbered: the columns of its automaton's table. */
import { type CharSet, pairs } from './ast.ts';

const PAGE = 256;

export class Classes {
  readonly count: number;
  /** Class of each unit below 256. */
  readonly latin: Uint16Array;
  private readonly bounds: Uint16Array;
  /** Classes of further units, 256 at a time, made when a text holds one of them. */
  private readonly pages: (Uint16Array | undefined)[] = [];

  constructor(sets: Iterable<CharSet>) {
    const bounds = new Set<number>();
    for (const set of sets)
      for (const [from, to] of pairs(set)) {
        bounds.add(from);
        if (to < 0xffff) bounds.add(to + 1);
      }
    this.bounds = Uint16Array.from(bounds).sort();
    this.count = this.bounds.length + 1;
    this.latin = this.page(0);
  }

  of(unit: number): number {
    const page = this.pages[unit >> 8] ?? this.page(unit >> 8);
    return page[unit & (PAGE - 1)] ?? 0;
  }

  private page(number: number): Uint16Array {
    const page = new Uint16Array(PAGE);
    let next = this.firstAbove(number * PAGE);
    for (let at = 0; at < PAGE; at++) {
      if (next < this.bounds.length && (this.bounds[next] ?? 0) <= number * PAGE + at) next++;
      page[at] = next;
    }
    this.pages[number] = page;
    return page;
  }

  private firstAbove(unit: number): number {
    let low = 0;
    let high = this.bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.bounds[middle] ?? 0) <= unit) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
