/** A window that moves over the events of a group, with the aggregate of what is in it. */
import type { Aggregate, Seen } from './aggregate.ts';
import type { Groups } from './groups.ts';

export class Window {
  readonly aggregate: Aggregate;
  /** Numbers of the first event in the window and of the first after it. */
  from = 0;
  to = 0;
  /** Events in the window that are not part of a match, or of one that grew since. */
  unjoined = 0;
  private readonly groups: Groups;
  private slot = 0;

  constructor(groups: Groups, aggregate: Aggregate) {
    this.groups = groups;
    this.aggregate = aggregate;
  }

  /** Empty, before the event of this number. */
  reset(slot: number, number: number): this {
    this.slot = slot;
    this.from = this.to = number;
    this.unjoined = 0;
    this.aggregate.reset();
    return this;
  }

  /** Takes in the events up to, and without, this number. */
  reach(number: number): void {
    const { slab } = this.groups;
    for (; this.to < number; this.to++) {
      const at = this.groups.at(this.slot, this.to);
      if (slab.joined(at) !== 1) this.unjoined++;
      this.aggregate.add(this.seen(this.to));
    }
  }

  /** Lets go of the events before a time. */
  leave(time: number): void {
    while (this.from < this.to && this.groups.time(this.slot, this.from) < time) this.evictFirst();
  }

  evictFirst(): void {
    const { slab } = this.groups;
    if (slab.joined(this.groups.at(this.slot, this.from)) !== 1) this.unjoined--;
    this.aggregate.evict(this.seen(this.from));
    this.from++;
  }

  seen(number: number): Seen {
    const at = this.groups.at(this.slot, number);
    const { slab } = this.groups;
    return { time: slab.time(at), rule: slab.rule(at), value: slab.value(at) };
  }
}
