/** The windows over the groups of one correlation: large groups keep theirs between events, all others share one. */
import type { Groups } from './groups.ts';
import { periodOf } from './periods.ts';
import type { Window } from './window.ts';

/** From this size on a group keeps its window. */
const HOT_EVENTS = 32;
const HOT_GROUPS = 1024;

export interface WindowsOptions {
  readonly groups: Groups;
  readonly spanMs: number;
  readonly periodMs: number;
  readonly make: () => Window;
}

export class Windows {
  private readonly options: WindowsOptions;
  private readonly groups: Groups;
  private readonly shared: Window;
  private readonly kept = new Map<number, Window>();

  constructor(options: WindowsOptions) {
    this.options = options;
    this.groups = options.groups;
    this.shared = options.make();
  }

  /** The window that ends right before the moment of this event, in that moment's period. It may reach back further than the span. */
  before(slot: number, number: number): Window {
    const { spanMs, periodMs } = this.options;
    const time = this.groups.time(slot, number);
    const period = periodOf(time, periodMs);
    const kept = this.kept.get(slot);
    if (number === this.groups.end(slot) - 1 && kept?.to === number) {
      kept.turn(period);
      return kept;
    }
    const window = this.shared.reset(slot, this.groups.search(slot, time - spanMs));
    window.turn(period);
    window.reach(this.groups.search(slot, time));
    return window;
  }

  /** Keeps the window of a large group for its next event, when it reached the group's end. */
  keep(slot: number, window: Window): void {
    if (window !== this.shared) return;
    this.kept.delete(slot);
    if (window.to !== this.groups.end(slot) || this.groups.length(slot) < HOT_EVENTS) return;
    const [eldest] = this.kept.keys();
    if (this.kept.size >= HOT_GROUPS && eldest !== undefined) this.kept.delete(eldest);
    const own = this.options.make().reset(slot, window.from);
    own.turn(window.period);
    own.reach(window.to);
    this.kept.set(slot, own);
  }

  /** The group's first event is about to go. */
  leaveFirst(slot: number): void {
    const first = this.groups.first(slot);
    const window = this.kept.get(slot);
    if (window !== undefined && window.from === first && window.to > first) window.evictFirst();
  }

  remove(slot: number): void {
    this.kept.delete(slot);
  }
}
