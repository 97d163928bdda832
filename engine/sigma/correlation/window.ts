/** A window that moves over the events of a group, with the aggregate of what is in it. */
import type { Aggregate, Seen } from './aggregate.ts';
import type { Groups } from './groups.ts';
import { PART, partOf, periodOf } from './periods.ts';

export class Window {
  readonly aggregate: Aggregate;
  /** Numbers of the first event in the window and of the first after it. */
  from = 0;
  to = 0;
  /** Events in the window that are not part of the match of `period`, or have grown since. */
  unjoined = 0;
  /** The period looked at. */
  period = 0;
  private readonly groups: Groups;
  private readonly periodMs: number;
  private slot = 0;

  constructor(groups: Groups, aggregate: Aggregate, periodMs: number) {
    this.groups = groups;
    this.aggregate = aggregate;
    this.periodMs = periodMs;
  }

  /** Empty, before the event of this number. */
  reset(slot: number, number: number): this {
    this.slot = slot;
    this.from = this.to = number;
    this.unjoined = 0;
    this.aggregate.reset();
    return this;
  }

  /** Looks at another period from now on. */
  turn(period: number): void {
    if (period === this.period) return;
    this.period = period;
    this.unjoined = 0;
    for (let number = this.from; number < this.to; number++) if (this.part(number) !== PART) this.unjoined++;
  }

  /** What an event is of the match of the period. */
  part(number: number): number {
    const at = this.groups.at(this.slot, number);
    const { slab } = this.groups;
    return partOf(slab.joined(at), this.period - periodOf(slab.time(at), this.periodMs));
  }

  /** Takes in the events up to, and without, this number. */
  reach(number: number): void {
    for (; this.to < number; this.to++) {
      if (this.part(this.to) !== PART) this.unjoined++;
      this.aggregate.add(this.seen(this.to));
    }
  }

  /** Lets go of the events before a time. */
  leave(time: number): void {
    while (this.from < this.to && this.groups.time(this.slot, this.from) < time) this.evictFirst();
  }

  evictFirst(): void {
    if (this.part(this.from) !== PART) this.unjoined--;
    this.aggregate.evict(this.seen(this.from));
    this.from++;
  }

  seen(number: number): Seen {
    const at = this.groups.at(this.slot, number);
    const { slab } = this.groups;
    return { time: slab.time(at), rule: slab.rule(at), value: slab.value(at) };
  }
}
