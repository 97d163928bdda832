/** The matches of one correlation that windows can still join: one for each group and period. */
import { digest } from './digest.ts';
import { periodOf } from './periods.ts';

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

/** What joined a match. */
export interface Joined {
  readonly match: OpenMatch;
  readonly isNew: boolean;
  readonly events: { rule: number; id: string; time: number; carried: number }[];
}

export class OpenMatches {
  private readonly open = new Map<number, readonly OpenMatch[]>();
  private readonly correlation: string;
  private readonly rules: number;
  private readonly periodMs: number;

  /** `rules`: how many the correlation refers to. */
  constructor(correlation: string, rules: number, periodMs: number) {
    this.correlation = correlation;
    this.rules = rules;
    this.periodMs = periodMs;
  }

  of(slot: number): readonly OpenMatch[] {
    return this.open.get(slot) ?? [];
  }

  /** All matches of a group, as they were stored; none: it has none. */
  set(slot: number, matches: readonly OpenMatch[]): void {
    if (matches.length === 0) this.open.delete(slot);
    else this.open.set(slot, matches);
  }

  find(slot: number, period: number): OpenMatch | undefined {
    return this.open.get(slot)?.find(({ first }) => periodOf(first, this.periodMs) === period);
  }

  /** The match of the period in which the window ends. */
  begin(slot: number, key: string, moment: number): OpenMatch {
    const match: OpenMatch = {
      id: digest([this.correlation, key, `${periodOf(moment, this.periodMs) * this.periodMs}`]),
      first: moment,
      last: moment,
      from: Infinity,
      result: 0,
      counts: Array.from({ length: this.rules }, () => 0),
    };
    this.set(slot, [...this.of(slot), match]);
    return match;
  }

  /** Closes the matches of the periods before this one. */
  close(slot: number, period: number): void {
    const open = this.of(slot);
    const isOpen = ({ first }: OpenMatch): boolean => periodOf(first, this.periodMs) >= period;
    if (!open.every(isOpen)) this.set(slot, open.filter(isOpen));
  }

  remove(slot: number): void {
    this.open.delete(slot);
  }
}

/** Another window, which ends at this moment, joins the match. */
export function stretch(match: OpenMatch, moment: number, result: number): void {
  if (moment >= match.last) match.result = result;
  match.first = Math.min(match.first, moment);
  match.last = Math.max(match.last, moment);
}
