/**
 * The groups of one correlation: a row of typed columns each, and a ring of events in the slab, ordered by time, then rule, then
 * arrival. An event's number within its group counts from the group's first ever, so that it stays while older ones leave.
 */
import { type Entry, MAX_BLOCK, type Slab } from './slab.ts';

const NONE = -1;

export class Groups {
  readonly slab: Slab;
  private readonly slots = new Map<string, number>();
  private readonly keys: string[] = [];
  private readonly free: number[] = [];
  private capacity = 16;
  private blocks = new Float64Array(this.capacity);
  private classes = new Uint8Array(this.capacity);
  private heads = new Uint32Array(this.capacity);
  private lengths = new Uint32Array(this.capacity);
  private firsts = new Float64Array(this.capacity);
  private touches = new Float64Array(this.capacity);
  private orders = new Float64Array(this.capacity);
  private older = new Int32Array(this.capacity);
  private newer = new Int32Array(this.capacity);
  private oldestSlot = NONE;
  private newestSlot = NONE;
  private held = 0;

  constructor(slab: Slab) {
    this.slab = slab;
  }

  get size(): number {
    return this.slots.size;
  }

  /** Events of all groups. */
  get events(): number {
    return this.held;
  }

  /** The group touched longest ago. */
  get oldest(): number | undefined {
    return this.oldestSlot === NONE ? undefined : this.oldestSlot;
  }

  all(): IterableIterator<number> {
    return this.slots.values();
  }

  find(key: string): number | undefined {
    return this.slots.get(key);
  }

  key(slot: number): string {
    return this.keys[slot] ?? '';
  }

  /** A new group, the most recently touched one. */
  create(key: string, first = 0): number {
    const slot = this.free.pop() ?? this.keys.length;
    if (slot >= this.capacity) this.grow();
    this.slots.set(key, slot);
    this.keys[slot] = key;
    this.blocks[slot] = this.slab.allocate(0);
    this.classes[slot] = this.heads[slot] = this.lengths[slot] = 0;
    this.firsts[slot] = first;
    this.link(slot);
    return slot;
  }

  remove(slot: number): void {
    while (this.length(slot) > 0) this.dropFirst(slot);
    this.slab.release(this.blocks[slot] ?? 0, this.classes[slot] ?? 0);
    this.unlink(slot);
    this.slots.delete(this.key(slot));
    this.keys[slot] = '';
    this.free.push(slot);
  }

  /** `at` on the receiver's clock; `order` grows with each touch. */
  touch(slot: number, at: number, order: number): void {
    this.touches[slot] = at;
    this.orders[slot] = order;
    if (this.newestSlot === slot) return;
    this.unlink(slot);
    this.link(slot);
  }

  touchedAt(slot: number): number {
    return this.touches[slot] ?? 0;
  }

  order(slot: number): number {
    return this.orders[slot] ?? 0;
  }

  length(slot: number): number {
    return this.lengths[slot] ?? 0;
  }

  /** Number of the first event still held. */
  first(slot: number): number {
    return this.firsts[slot] ?? 0;
  }

  /** One more than the number of the last event. */
  end(slot: number): number {
    return this.first(slot) + this.length(slot);
  }

  /** Where an event stands in the slab. */
  at(slot: number, number: number): number {
    const place = (this.heads[slot] ?? 0) + number - this.first(slot);
    return (this.blocks[slot] ?? 0) + (place & ((1 << (this.classes[slot] ?? 0)) - 1));
  }

  time(slot: number, number: number): number {
    return this.slab.time(this.at(slot, number));
  }

  /** The number of the first event that is not before this time (and, at this time, not of a rule before this one). */
  search(slot: number, time: number, rule = 0): number {
    let [from, to] = [this.first(slot), this.end(slot)];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      const at = this.at(slot, middle);
      const found = this.slab.time(at);
      if (found < time || (found === time && this.slab.rule(at) < rule)) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** Puts an event in its place; returns its number. Later events move up by one. */
  insert(slot: number, entry: Entry): number {
    this.makeRoom(slot);
    const end = this.end(slot);
    // Most events come in order.
    const isLast = end === this.first(slot) || !this.isAfter(this.at(slot, end - 1), entry);
    const number = isLast ? end : this.search(slot, entry.time, entry.rule + 1);
    this.lengths[slot] = this.length(slot) + 1;
    this.held++;
    for (let each = end; each > number; each--) this.slab.move(this.at(slot, each - 1), this.at(slot, each));
    this.slab.put(this.at(slot, number), entry);
    return number;
  }

  /** Takes an event out; later events move down by one. */
  take(slot: number, number: number): void {
    this.slab.clear(this.at(slot, number));
    const end = this.end(slot);
    for (let each = number; each < end - 1; each++) this.slab.move(this.at(slot, each + 1), this.at(slot, each));
    this.lengths[slot] = this.length(slot) - 1;
    this.held--;
  }

  dropFirst(slot: number): void {
    this.slab.clear(this.at(slot, this.first(slot)));
    this.heads[slot] = ((this.heads[slot] ?? 0) + 1) & ((1 << (this.classes[slot] ?? 0)) - 1);
    this.firsts[slot] = this.first(slot) + 1;
    this.lengths[slot] = this.length(slot) - 1;
    this.held--;
  }

  private isAfter(at: number, { time, rule }: Entry): boolean {
    const last = this.slab.time(at);
    return last > time || (last === time && this.slab.rule(at) > rule);
  }

  private makeRoom(slot: number): void {
    const sizeClass = this.classes[slot] ?? 0;
    const length = this.length(slot);
    if (length < 1 << sizeClass) return;
    if (length >= MAX_BLOCK) throw new RangeError('a group is larger than a block');
    const block = this.slab.allocate(sizeClass + 1);
    for (let i = 0; i < length; i++) this.slab.move(this.at(slot, this.first(slot) + i), block + i);
    this.slab.release(this.blocks[slot] ?? 0, sizeClass);
    this.blocks[slot] = block;
    this.classes[slot] = sizeClass + 1;
    this.heads[slot] = 0;
  }

  private link(slot: number): void {
    this.older[slot] = this.newestSlot;
    this.newer[slot] = NONE;
    if (this.newestSlot === NONE) this.oldestSlot = slot;
    else this.newer[this.newestSlot] = slot;
    this.newestSlot = slot;
  }

  private unlink(slot: number): void {
    const [before, after] = [this.older[slot] ?? NONE, this.newer[slot] ?? NONE];
    if (before === NONE) this.oldestSlot = after;
    else this.newer[before] = after;
    if (after === NONE) this.newestSlot = before;
    else this.older[after] = before;
  }

  private grow(): void {
    this.capacity *= 2;
    const larger = <Column extends { set(from: Column): void }>(column: Column, make: new (length: number) => Column): Column => {
      const grown = new make(this.capacity);
      grown.set(column);
      return grown;
    };
    this.blocks = larger(this.blocks, Float64Array);
    this.classes = larger(this.classes, Uint8Array);
    this.heads = larger(this.heads, Uint32Array);
    this.lengths = larger(this.lengths, Uint32Array);
    this.firsts = larger(this.firsts, Float64Array);
    this.touches = larger(this.touches, Float64Array);
    this.orders = larger(this.orders, Float64Array);
    this.older = larger(this.older, Int32Array);
    this.newer = larger(this.newer, Int32Array);
  }
}
