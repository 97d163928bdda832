/**
 * One correlation over a stream: takes an event into its group, has the windows looked at that it changes, and keeps within its
 * bounds. The events are in `events.ts`, the windows in `windows.ts`, the matches in `matches.ts`; `evaluate.ts` says what joins.
 */
import { aggregateOf } from './aggregate.ts';
import { Evaluator } from './evaluate.ts';
import { type Arrival, GroupEvents } from './events.ts';
import type { Groups } from './groups.ts';
import { type Joined, OpenMatches } from './matches.ts';
import { periodOf } from './periods.ts';
import type { Plan } from './plan.ts';
import type { Slab } from './slab.ts';
import { Window } from './window.ts';
import { Windows } from './windows.ts';

export interface Limits {
  /** Groups and events of one correlation; the group touched longest ago goes first. */
  readonly groups: number;
  readonly events: number;
  /** Events of one group; the oldest goes first. At most 65,536. */
  readonly groupEvents: number;
  /** How far behind the newest event of its group an event may be, milliseconds. */
  readonly latenessMs: number;
  /** Length of the periods of which a group has one match each, milliseconds; the time span where that is longer. */
  readonly periodMs: number;
}

export interface StateCounters {
  late: number;
  withoutGroup: number;
  withoutValue: number;
  evictedGroups: number;
  evictedEvents: number;
  matches: number;
}

export class CorrelationState {
  plan: Plan;
  readonly groups: Groups;
  readonly events: GroupEvents;
  readonly matches: OpenMatches;
  readonly counters: StateCounters = { late: 0, withoutGroup: 0, withoutValue: 0, evictedGroups: 0, evictedEvents: 0, matches: 0 };
  private readonly limits: Limits;
  private readonly spanMs: number;
  private readonly periodMs: number;
  private readonly windows: Windows;
  private readonly evaluator: Evaluator;

  constructor(plan: Plan, slab: Slab, limits: Limits) {
    this.plan = plan;
    this.limits = limits;
    const { id, type, condition, timespanMs: spanMs } = plan.correlation;
    const periodMs = Math.max(spanMs, limits.periodMs);
    this.spanMs = spanMs;
    this.periodMs = periodMs;
    const byValue = type === 'value_percentile' && condition.percentile === undefined;
    this.events = new GroupEvents({ slab, periodMs, textValues: type === 'value_count' || byValue });
    const { events, counters } = this;
    const { groups } = events;
    this.groups = groups;
    this.matches = new OpenMatches(id, plan.sources.length, periodMs);
    this.windows = new Windows({ groups, spanMs, periodMs, make: () => new Window(groups, aggregateOf(this.plan), periodMs) });
    this.evaluator = new Evaluator({ events, windows: this.windows, matches: this.matches, spanMs, periodMs, byValue, counters });
  }

  /** Takes an event in. Empty when no match begins or grows. */
  push(arrival: Arrival): Joined[] {
    this.forget(arrival.now);
    const slot = this.groups.find(arrival.key) ?? this.groups.create(arrival.key);
    if (this.groups.length(slot) > 0 && arrival.time < this.groups.time(slot, this.groups.end(slot) - 1) - this.limits.latenessMs) {
      this.counters.late++;
      return [];
    }
    this.groups.touch(slot, arrival.now, arrival.order);
    const number = this.place(slot, arrival);
    const joined = number === undefined ? [] : this.evaluator.look(slot, number);
    this.prune(slot);
    this.bound(slot);
    return joined;
  }

  readonly remove = (slot: number): void => {
    this.matches.remove(slot);
    this.windows.remove(slot);
    this.events.removeGroup(slot);
  };

  /** Groups nothing can join any more: time has moved on by more than the time span and the lateness since they were touched. */
  private forget(now: number): void {
    const horizon = now - this.spanMs - this.limits.latenessMs;
    for (let slot = this.groups.oldest; slot !== undefined && this.groups.touchedAt(slot) < horizon; slot = this.groups.oldest)
      this.remove(slot);
  }

  /** Puts the event among the others; undefined when there is no room for one so old. A match below is one event, which moves on. */
  private place(slot: number, arrival: Arrival): number | undefined {
    const entry = this.events.entryOf(arrival);
    const known = this.plan.sources[arrival.rule]?.chained === true ? this.events.find(slot, entry) : undefined;
    if (known !== undefined) {
      this.events.takeAgain(slot, known, entry);
      this.windows.remove(slot);
    } else if (this.groups.length(slot) >= this.limits.groupEvents && !this.dropOldest(slot, arrival.time)) {
      this.events.release(entry);
      return undefined;
    }
    return this.events.insert(slot, entry);
  }

  private dropOldest(slot: number, time: number): boolean {
    this.counters.evictedEvents++;
    const first = this.groups.first(slot);
    if (time < this.groups.time(slot, first)) return false;
    this.windows.leaveFirst(slot);
    this.events.dropFirst(slot);
    this.events.changes.touch(slot, first);
    return true;
  }

  private prune(slot: number): void {
    const end = this.groups.end(slot);
    if (end === this.groups.first(slot)) return;
    // No window can end any more before what would be too late.
    const earliest = this.groups.time(slot, end - 1) - this.limits.latenessMs;
    while (this.groups.time(slot, this.groups.first(slot)) < earliest - this.spanMs) this.events.dropFirst(slot);
    this.matches.close(slot, periodOf(earliest, this.periodMs));
  }

  /** The group at hand is the most recently touched one and stays. */
  private bound(current: number): void {
    while (this.groups.size > this.limits.groups || this.groups.events > this.limits.events) {
      const slot = this.groups.oldest;
      if (slot === undefined || slot === current) return;
      this.counters.evictedGroups++;
      this.counters.evictedEvents += this.groups.length(slot);
      this.remove(slot);
    }
  }
}
