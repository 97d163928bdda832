/** Which events join which match: every window that ends at an event or up to a time span after it is looked at. */
import type { GroupEvents } from './events.ts';
import type { Groups } from './groups.ts';
import { type Joined, type OpenMatches, stretch } from './matches.ts';
import { NO_PART, PART, partOf, periodOf, withPart } from './periods.ts';
import type { Slab } from './slab.ts';
import type { Window } from './window.ts';
import type { Windows } from './windows.ts';

export interface EvaluatorOptions {
  readonly events: GroupEvents;
  readonly windows: Windows;
  readonly matches: OpenMatches;
  readonly spanMs: number;
  readonly periodMs: number;
  /** The condition holds for values, not for the window: only the events with such a value join. */
  readonly byValue: boolean;
  readonly counters: { matches: number };
}

interface Look {
  readonly slot: number;
  readonly window: Window;
  /** The window ends here. */
  readonly moment: number;
  readonly joined: Joined[];
}

export class Evaluator {
  private readonly options: EvaluatorOptions;
  private readonly groups: Groups;
  private readonly slab: Slab;

  constructor(options: EvaluatorOptions) {
    this.options = options;
    this.groups = options.events.groups;
    this.slab = this.groups.slab;
  }

  /** What joins now that the event of this number was put into its group. */
  look(slot: number, number: number): Joined[] {
    const { windows, spanMs, periodMs } = this.options;
    // A match below that is known already keeps its later time: not that of the arrival.
    const time = this.groups.time(slot, number);
    const window = windows.before(slot, number);
    const joined: Joined[] = [];
    const end = this.groups.end(slot);
    while (window.to < end) {
      const moment = this.groups.time(slot, window.to);
      if (moment > time + spanMs) break;
      window.turn(periodOf(moment, periodMs));
      window.reach(this.afterMoment(slot, window.to, moment));
      window.leave(moment - spanMs);
      this.check({ slot, window, moment, joined });
    }
    windows.keep(slot, window);
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
    if (!this.options.byValue) {
      if (window.aggregate.holds(window.seen(last))) this.join(look);
      return;
    }
    for (let number = last; number >= window.from && this.groups.time(slot, number) === moment; number--) {
      const seen = window.seen(number);
      if (window.aggregate.holds(seen)) this.join(look, seen.value);
    }
  }

  /** The window's events become part of the match; with `only`, those with this value. */
  private join({ slot, window, moment, joined }: Look, only?: number): void {
    const { matches, events, counters } = this.options;
    const numbers = this.unjoined(slot, window, only);
    const known = matches.find(slot, window.period);
    if (known === undefined && numbers.length === 0) return;
    if (known === undefined) counters.matches++;
    const match = known ?? matches.begin(slot, this.groups.key(slot), moment);
    stretch(match, moment, window.aggregate.result);
    events.changes.touch(slot, this.groups.end(slot));
    if (numbers.length === 0) return;
    let part = joined.find((each) => each.match === match);
    if (part === undefined) joined.push((part = { match, isNew: known === undefined, events: [] }));
    for (const number of numbers) this.joinOne(slot, number, { ...part, period: window.period });
    window.unjoined -= numbers.length;
  }

  /** Numbers of the window's events that are not part of the match, oldest first. */
  private unjoined(slot: number, window: Window, only: number | undefined): number[] {
    const numbers: number[] = [];
    for (let number = window.to - 1, left = window.unjoined; number >= window.from && left > 0; number--) {
      if (window.part(number) === PART) continue;
      left--;
      if (only === undefined || this.slab.value(this.groups.at(slot, number)) === only) numbers.push(number);
    }
    return numbers.reverse();
  }

  private joinOne(slot: number, number: number, { match, events, period }: Joined & { readonly period: number }): void {
    const at = this.groups.at(slot, number);
    const [rule, time, marks] = [this.slab.rule(at), this.slab.time(at), this.slab.joined(at)];
    const ahead = period - periodOf(time, this.options.periodMs);
    if (partOf(marks, ahead) === NO_PART) match.counts[rule] = (match.counts[rule] ?? 0) + 1;
    this.slab.setJoined(at, withPart(marks, ahead, PART));
    this.options.events.changes.touch(slot, number);
    match.from = Math.min(match.from, time);
    events.push({ rule, time, id: this.slab.id(at), carried: this.slab.carried(at) });
  }
}
