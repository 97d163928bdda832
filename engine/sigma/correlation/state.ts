/**
 * One correlation over a stream: takes an event into its group, looks at every window that ends at it or up to a time span after
 * it, and says what joined which match: that of the period in which the window ends.
 */
import { aggregateOf } from './aggregate.ts';
import { digest } from './digest.ts';
import { Groups } from './groups.ts';
import { movedMarks, NO_PART, PART, partOf, withPart } from './periods.ts';
import type { Plan } from './plan.ts';
import type { Selected } from './select.ts';
import type { Entry, Slab } from './slab.ts';
import { Window } from './window.ts';

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

/** A match that windows can still join. */
export interface OpenMatch {
  readonly id: string;
  /** Ends of its first and last windows. */
  first: number;
  last: number;
  /** Time of its first event. */
  from: number;
  /** What the condition looked at in the last window. */
  result: number;
  /** Events by rule. */
  readonly counts: number[];
}

export interface Joined {
  readonly match: OpenMatch;
  isNew: boolean;
  readonly events: { rule: number; id: string; time: number; carried: number }[];
}

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

export interface StateCounters {
  late: number;
  withoutGroup: number;
  withoutValue: number;
  evictedGroups: number;
  evictedEvents: number;
  matches: number;
}

/** From this size on a group keeps its window between events. */
const HOT_EVENTS = 32;
const HOT_GROUPS = 1024;

export class CorrelationState {
  plan: Plan;
  readonly groups: Groups;
  readonly matches = new Map<number, OpenMatch[]>();
  readonly counters: StateCounters = { late: 0, withoutGroup: 0, withoutValue: 0, evictedGroups: 0, evictedEvents: 0, matches: 0 };
  /** Number of the first event that changed since the state was last taken, by group. */
  readonly changed = new Map<number, number>();
  /** Groups that are gone since then. */
  readonly gone = new Set<string>();
  /** The first stored segment of a group that has any; see `persist.ts`. */
  readonly stored = new Map<number, number>();
  private readonly slab: Slab;
  private readonly limits: Limits;
  private readonly periodMs: number;
  private readonly scratch: Window;
  private readonly hot = new Map<number, Window>();
  private readonly shares: boolean;
  private readonly textValues: boolean;

  constructor(plan: Plan, slab: Slab, limits: Limits) {
    this.plan = plan;
    this.slab = slab;
    this.limits = limits;
    this.groups = new Groups(slab);
    this.periodMs = Math.max(plan.correlation.timespanMs, limits.periodMs);
    this.scratch = this.newWindow();
    const { type, condition } = plan.correlation;
    this.shares = type === 'value_percentile' && condition.percentile === undefined;
    this.textValues = type === 'value_count' || this.shares;
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
    const joined = number === undefined ? [] : this.look(slot, number, arrival);
    this.prune(slot);
    this.bound(slot);
    return joined;
  }

  /** Groups nothing can join any more: time has moved on by more than the time span and the lateness since they were touched. */
  forget(now: number): void {
    const horizon = now - this.span - this.limits.latenessMs;
    for (let slot = this.groups.oldest; slot !== undefined && this.groups.touchedAt(slot) < horizon; slot = this.groups.oldest)
      this.remove(slot);
  }

  readonly remove = (slot: number): void => {
    this.gone.add(this.groups.key(slot));
    this.changed.delete(slot);
    this.matches.delete(slot);
    this.hot.delete(slot);
    this.stored.delete(slot);
    while (this.groups.length(slot) > 0) this.dropFirst(slot);
    this.groups.remove(slot);
  };

  /** Notes that a group differs from what was stored, from the event of this number on. */
  touchFrom(slot: number, number: number): void {
    const known = this.changed.get(slot);
    if (known === undefined || number < known) this.changed.set(slot, number);
  }

  /** A value as it came in. */
  readonly valueOf = (value: number): string | number => (this.textValues ? this.slab.texts.text(value) : value);

  hold(value: number | string | undefined): number {
    return typeof value === 'string' ? this.slab.texts.hold(value) : (value ?? 0);
  }

  dropFirst(slot: number): void {
    this.release(slot, this.groups.first(slot));
    this.groups.dropFirst(slot);
  }

  private get span(): number {
    return this.plan.correlation.timespanMs;
  }

  /** Puts the event among the others; undefined when there is no room for one so old. A match below is one event, which moves on. */
  private place(slot: number, arrival: Arrival): number | undefined {
    const { rule, id, time, carried } = arrival;
    const entry: Entry = {
      rule,
      id,
      time,
      joined: 0,
      value: this.hold(arrival.value),
      carried: carried === '' ? 0 : this.slab.texts.hold(carried),
    };
    const known = this.plan.sources[rule]?.chained === true ? this.numberOf(slot, entry) : undefined;
    if (known !== undefined) {
      const at = this.groups.at(slot, known);
      entry.time = Math.max(time, this.slab.time(at));
      entry.joined = movedMarks(this.slab.joined(at), this.periodOf(entry.time) - this.periodOf(this.slab.time(at)));
      this.release(slot, known);
      this.groups.take(slot, known);
      this.hot.delete(slot);
      this.touchFrom(slot, known);
    } else if (this.groups.length(slot) >= this.limits.groupEvents && !this.dropOldest(slot, time)) {
      this.releaseEntry(entry);
      return undefined;
    }
    const number = this.groups.insert(slot, entry);
    this.touchFrom(slot, number);
    return number;
  }

  private numberOf(slot: number, { rule, id, value }: Entry): number | undefined {
    for (let number = this.groups.end(slot) - 1; number >= this.groups.first(slot); number--) {
      const at = this.groups.at(slot, number);
      if (this.slab.rule(at) === rule && this.slab.value(at) === value && this.slab.id(at) === id) return number;
    }
    return undefined;
  }

  private dropOldest(slot: number, time: number): boolean {
    this.counters.evictedEvents++;
    const first = this.groups.first(slot);
    if (time < this.groups.time(slot, first)) return false;
    const window = this.hot.get(slot);
    if (window !== undefined && window.from === first && window.to > first) window.evictFirst();
    this.dropFirst(slot);
    this.touchFrom(slot, first);
    return true;
  }

  private look(slot: number, number: number, arrival: Arrival): Joined[] {
    // A match below that is known already keeps its later time.
    const time = this.groups.time(slot, number);
    const kept = this.hot.get(slot);
    const inOrder = number === this.groups.end(slot) - 1 && kept !== undefined && kept.to === number;
    const window = inOrder ? kept : this.scratch.reset(slot, this.groups.search(slot, time - this.span));
    window.turn(this.periodOf(time));
    if (!inOrder) window.reach(this.groups.search(slot, time));
    const joined: Joined[] = [];
    const end = this.groups.end(slot);
    while (window.to < end) {
      const moment = this.groups.time(slot, window.to);
      if (moment > time + this.span) break;
      window.turn(this.periodOf(moment));
      window.reach(this.afterMoment(slot, window.to, moment));
      window.leave(moment - this.span);
      this.check({ slot, window, moment, arrival, joined });
    }
    this.keep(slot, window);
    return joined;
  }

  private afterMoment(slot: number, number: number, moment: number): number {
    const end = this.groups.end(slot);
    let next = number + 1;
    while (next < end && this.groups.time(slot, next) === moment) next++;
    return next;
  }

  private check(look: Look): void {
    const { slot, window, moment } = look;
    const last = window.to - 1;
    if (!this.shares) {
      if (window.aggregate.holds(window.seen(last))) this.join(look);
      return;
    }
    for (let number = last; number >= window.from && this.groups.time(slot, number) === moment; number--) {
      const seen = window.seen(number);
      if (window.aggregate.holds(seen)) this.join(look, seen.value);
    }
  }

  /** The window's events become part of the match; with `only`, those with this value. */
  private join({ slot, window, moment, arrival, joined }: Look, only?: number): void {
    const numbers: number[] = [];
    for (let number = window.to - 1, left = window.unjoined; number >= window.from && left > 0; number--) {
      if (window.part(number) === PART) continue;
      left--;
      if (only === undefined || this.slab.value(this.groups.at(slot, number)) === only) numbers.push(number);
    }
    numbers.reverse();
    const known = this.matches.get(slot)?.find(({ first }) => this.periodOf(first) === window.period);
    if (known === undefined && numbers.length === 0) return;
    const match = known ?? this.begin(slot, moment, arrival.key);
    this.stretch(slot, match, { moment, result: window.aggregate.result });
    if (numbers.length === 0) return;
    let part = joined.find((each) => each.match === match);
    if (part === undefined) joined.push((part = { match, isNew: known === undefined, events: [] }));
    for (const number of numbers) this.joinOne(slot, number, { ...part, period: window.period });
    window.unjoined -= numbers.length;
  }

  private joinOne(slot: number, number: number, { match, events, period }: Joined & { readonly period: number }): void {
    const at = this.groups.at(slot, number);
    const [rule, time, marks] = [this.slab.rule(at), this.slab.time(at), this.slab.joined(at)];
    const ahead = period - this.periodOf(time);
    if (partOf(marks, ahead) === NO_PART) match.counts[rule] = (match.counts[rule] ?? 0) + 1;
    this.slab.setJoined(at, withPart(marks, ahead, PART));
    this.touchFrom(slot, number);
    match.from = Math.min(match.from, time);
    events.push({ rule, time, id: this.slab.id(at), carried: this.slab.carried(at) });
  }

  private periodOf(time: number): number {
    return Math.floor(time / this.periodMs);
  }

  private newWindow(): Window {
    return new Window(this.groups, aggregateOf(this.plan), this.periodMs);
  }

  private begin(slot: number, moment: number, key: string): OpenMatch {
    const { id } = this.plan.correlation;
    const match: OpenMatch = {
      id: digest([id, key, `${this.periodOf(moment) * this.periodMs}`]),
      first: moment,
      last: moment,
      from: Infinity,
      result: 0,
      counts: this.plan.sources.map(() => 0),
    };
    const open = this.matches.get(slot);
    if (open === undefined) this.matches.set(slot, [match]);
    else open.push(match);
    this.counters.matches++;
    return match;
  }

  private stretch(slot: number, match: OpenMatch, { moment, result }: { moment: number; result: number }): void {
    if (moment >= match.last) match.result = result;
    match.first = Math.min(match.first, moment);
    match.last = Math.max(match.last, moment);
    this.touchFrom(slot, this.groups.end(slot));
  }

  /** Keeps the window of a large group for its next event, when it reached the group's end. */
  private keep(slot: number, window: Window): void {
    if (window !== this.scratch) return;
    this.hot.delete(slot);
    if (window.to !== this.groups.end(slot) || this.groups.length(slot) < HOT_EVENTS) return;
    const [eldest] = this.hot.keys();
    if (this.hot.size >= HOT_GROUPS && eldest !== undefined) this.hot.delete(eldest);
    const own = this.newWindow().reset(slot, window.from);
    own.turn(window.period);
    own.reach(window.to);
    this.hot.set(slot, own);
  }

  private prune(slot: number): void {
    const end = this.groups.end(slot);
    if (end === this.groups.first(slot)) return;
    const newest = this.groups.time(slot, end - 1);
    const horizon = newest - this.span - this.limits.latenessMs;
    while (this.groups.time(slot, this.groups.first(slot)) < horizon) this.dropFirst(slot);
    const open = this.matches.get(slot);
    // No window can end any more before what would be too late.
    const reachable = ({ first }: OpenMatch): boolean => this.periodOf(first) >= this.periodOf(newest - this.limits.latenessMs);
    if (open === undefined || open.every(reachable)) return;
    const left = open.filter(reachable);
    if (left.length === 0) this.matches.delete(slot);
    else this.matches.set(slot, left);
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

  private release(slot: number, number: number): void {
    const at = this.groups.at(slot, number);
    this.releaseEntry({ value: this.slab.value(at), carried: this.slab.carried(at) });
  }

  private releaseEntry({ value, carried }: Pick<Entry, 'value' | 'carried'>): void {
    if (this.textValues) this.slab.texts.release(value);
    if (carried !== 0) this.slab.texts.release(carried);
  }
}

interface Look {
  readonly slot: number;
  readonly window: Window;
  readonly moment: number;
  readonly arrival: Arrival;
  readonly joined: Joined[];
}
