/** The events in the groups of one correlation: put in, moved on, let go, with the texts they hold; every change is noted. */
import { Changes } from './changes.ts';
import { Groups } from './groups.ts';
import { movedMarks, periodOf } from './periods.ts';
import type { Selected } from './select.ts';
import type { Entry, Slab } from './slab.ts';

/** An event in one of its places. */
export interface Arrival extends Selected {
  readonly rule: number;
  readonly id: string;
  readonly time: number;
  readonly carried: string;
  /** On the receiver's clock: the latest seen so far, and how many events came before. */
  readonly now: number;
  readonly order: number;
}

export interface GroupEventsOptions {
  readonly slab: Slab;
  readonly periodMs: number;
  /** Values are texts, which events hold among the interned ones. */
  readonly textValues: boolean;
}

export class GroupEvents {
  readonly groups: Groups;
  readonly changes = new Changes();
  private readonly slab: Slab;
  private readonly periodMs: number;
  private readonly textValues: boolean;

  constructor({ slab, periodMs, textValues }: GroupEventsOptions) {
    this.groups = new Groups(slab);
    this.slab = slab;
    this.periodMs = periodMs;
    this.textValues = textValues;
  }

  /** A value as it came in. */
  valueOf(value: number): string | number {
    return this.textValues ? this.slab.texts.text(value) : value;
  }

  hold(value: number | string | undefined): number {
    return typeof value === 'string' ? this.slab.texts.hold(value) : (value ?? 0);
  }

  /** To be put in or released: it holds its texts from now on. */
  entryOf({ rule, id, time, value, carried }: Arrival): Entry {
    return { rule, id, time, joined: 0, value: this.hold(value), carried: carried === '' ? 0 : this.slab.texts.hold(carried) };
  }

  /** The number of the event with this rule, id and value. */
  find(slot: number, { rule, id, value }: Entry): number | undefined {
    for (let number = this.groups.end(slot) - 1; number >= this.groups.first(slot); number--) {
      const at = this.groups.at(slot, number);
      if (this.slab.rule(at) === rule && this.slab.value(at) === value && this.slab.id(at) === id) return number;
    }
    return undefined;
  }

  insert(slot: number, entry: Entry): number {
    const number = this.groups.insert(slot, entry);
    this.changes.touch(slot, number);
    return number;
  }

  /** Takes an event out that comes again as `entry`: it keeps the later of the two times, and is part of the same matches, grown. */
  takeAgain(slot: number, number: number, entry: Entry): void {
    const at = this.groups.at(slot, number);
    const before = this.slab.time(at);
    entry.time = Math.max(entry.time, before);
    entry.joined = movedMarks(this.slab.joined(at), periodOf(entry.time, this.periodMs) - periodOf(before, this.periodMs));
    this.releaseAt(at);
    this.groups.take(slot, number);
    this.changes.touch(slot, number);
  }

  dropFirst(slot: number): void {
    this.releaseAt(this.groups.at(slot, this.groups.first(slot)));
    this.groups.dropFirst(slot);
  }

  removeGroup(slot: number): void {
    this.changes.remove(slot, this.groups.key(slot));
    while (this.groups.length(slot) > 0) this.dropFirst(slot);
    this.groups.remove(slot);
  }

  /** Gives back the texts of an event that is not put in. */
  release({ value, carried }: Pick<Entry, 'value' | 'carried'>): void {
    if (this.textValues) this.slab.texts.release(value);
    if (carried !== 0) this.slab.texts.release(carried);
  }

  private releaseAt(at: number): void {
    this.release({ value: this.slab.value(at), carried: this.slab.carried(at) });
  }
}
