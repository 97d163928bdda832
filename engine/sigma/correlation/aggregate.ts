/**
 * What a condition looks at, kept up to date while events enter a window at its end and leave it at its start. `holds` is asked of
 * the window that ends at `end`.
 */
import type { Condition } from '../model.ts';
import type { CorrelationCondition, Criterion } from './model.ts';
import type { Plan } from './plan.ts';

/** What an aggregate sees of an event: its time, which of the correlation's rules it is of, and its value. */
export interface Seen {
  readonly time: number;
  readonly rule: number;
  readonly value: number;
}

export interface Aggregate {
  /** Of the last `holds`: what was compared. */
  readonly result: number;
  reset(): void;
  add(event: Seen): void;
  evict(event: Seen): void;
  /** `last` is the event at which the window ends. */
  holds(last: Seen): boolean;
}

export function aggregateOf({ correlation, sources }: Pick<Plan, 'correlation' | 'sources'>): Aggregate {
  const { type, condition, timespanMs } = correlation;
  switch (type) {
    case 'event_count':
      return new EventCount(condition.criteria);
    case 'value_count':
      return new ValueCount(condition.criteria);
    case 'value_sum':
    case 'value_avg':
      return new ValueSum(condition.criteria, type === 'value_avg');
    case 'value_percentile':
      return condition.percentile === undefined
        ? new ValueShare(condition.criteria)
        : new ValuePercentile(condition.criteria, condition.percentile);
    case 'temporal':
      return new Temporal(condition, { timespanMs, names: sources.map(({ name }) => name) });
    default:
      return new TemporalOrdered(condition.criteria, { timespanMs, rules: sources.length });
  }
}

/** True when all criteria hold of the number. */
export function satisfies(number: number, criteria: readonly Criterion[]): boolean {
  return criteria.every(({ operator, value }) => {
    if (operator === 'gt') return number > value;
    if (operator === 'gte') return number >= value;
    if (operator === 'lt') return number < value;
    if (operator === 'lte') return number <= value;
    return operator === 'eq' ? number === value : number !== value;
  });
}

abstract class Compared implements Aggregate {
  result = 0;
  private readonly criteria: readonly Criterion[];

  constructor(criteria: readonly Criterion[]) {
    this.criteria = criteria;
  }

  abstract reset(): void;
  abstract add(event: Seen): void;
  abstract evict(event: Seen): void;
  protected abstract measure(last: Seen): number;

  holds(last: Seen): boolean {
    this.result = this.measure(last);
    return satisfies(this.result, this.criteria);
  }
}

class EventCount extends Compared {
  private count = 0;

  reset(): void {
    this.count = 0;
  }
  add(): void {
    this.count++;
  }
  evict(): void {
    this.count--;
  }
  protected measure(): number {
    return this.count;
  }
}

class ValueCount extends Compared {
  protected readonly counts = new Map<number, number>();
  protected total = 0;

  reset(): void {
    this.counts.clear();
    this.total = 0;
  }
  add({ value }: Seen): void {
    this.counts.set(value, (this.counts.get(value) ?? 0) + 1);
    this.total++;
  }
  evict({ value }: Seen): void {
    const left = (this.counts.get(value) ?? 0) - 1;
    if (left <= 0) this.counts.delete(value);
    else this.counts.set(value, left);
    this.total--;
  }
  protected measure(_last: Seen): number {
    return this.counts.size;
  }
}

/** How many of a hundred values of the window are the last event's. */
class ValueShare extends ValueCount {
  protected override measure({ value }: Seen): number {
    return (100 * (this.counts.get(value) ?? 0)) / this.total;
  }
}

/** Adds up without ever subtracting, so that a value that has left the window leaves no rounding behind. */
class ValueSum extends Compared {
  private readonly average: boolean;
  /** Values that came since the last turn, and their sum. */
  private back: number[] = [];
  private backSum = 0;
  /** Sums of what is older: each of the value that leaves next and all after it up to the turn. */
  private readonly front: number[] = [];

  constructor(criteria: readonly Criterion[], average: boolean) {
    super(criteria);
    this.average = average;
  }
  reset(): void {
    this.back = [];
    this.backSum = 0;
    this.front.length = 0;
  }
  add({ value }: Seen): void {
    this.back.push(value);
    this.backSum += value;
  }
  evict(): void {
    if (this.front.length === 0) {
      let sum = 0;
      for (let i = this.back.length - 1; i >= 0; i--) this.front.push((sum += this.back[i] ?? 0));
      this.back = [];
      this.backSum = 0;
    }
    this.front.pop();
  }
  protected measure(): number {
    const sum = (this.front.at(-1) ?? 0) + this.backSum;
    return this.average ? sum / (this.front.length + this.back.length) : sum;
  }
}

/** The values in order; between two of them a percentile is interpolated, so that the 50th is the median. */
class ValuePercentile extends Compared {
  private readonly percentile: number;
  private readonly sorted: number[] = [];

  constructor(criteria: readonly Criterion[], percentile: number) {
    super(criteria);
    this.percentile = percentile;
  }
  reset(): void {
    this.sorted.length = 0;
  }
  add({ value }: Seen): void {
    this.sorted.splice(this.place(value), 0, value);
  }
  evict({ value }: Seen): void {
    this.sorted.splice(this.place(value), 1);
  }
  protected measure(): number {
    const rank = (this.percentile / 100) * (this.sorted.length - 1);
    const low = this.sorted[Math.floor(rank)] ?? 0;
    const high = this.sorted[Math.ceil(rank)] ?? 0;
    return low === high ? low : low + (high - low) * (rank - Math.floor(rank));
  }
  private place(value: number): number {
    let [from, to] = [0, this.sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.sorted[middle] ?? 0) < value) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

/** Which of the rules occurred: it is enough to know when each did last. */
class Temporal implements Aggregate {
  result = 0;
  private readonly condition: CorrelationCondition;
  private readonly timespanMs: number;
  private readonly names: readonly string[];
  private readonly latest: Float64Array;

  constructor(condition: CorrelationCondition, { timespanMs, names }: { timespanMs: number; names: readonly string[] }) {
    this.condition = condition;
    this.timespanMs = timespanMs;
    this.names = names;
    this.latest = new Float64Array(names.length);
    this.reset();
  }
  reset(): void {
    this.latest.fill(-Infinity);
  }
  add({ time, rule }: Seen): void {
    this.latest[rule] = time;
  }
  evict(): void {
    // What is too old shows by its time.
  }
  holds({ time }: Seen): boolean {
    const start = time - this.timespanMs;
    this.result = this.latest.reduce((count, latest) => (latest >= start ? count + 1 : count), 0);
    const { expression, criteria } = this.condition;
    if (expression === undefined) return satisfies(this.result, criteria);
    return isTrue(expression, (name) => (this.latest[this.names.indexOf(name)] ?? -Infinity) >= start);
  }
}

function isTrue(condition: Condition, occurred: (name: string) => boolean): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.children.every((child) => isTrue(child, occurred));
    case 'or':
      return condition.children.some((child) => isTrue(child, occurred));
    case 'not':
      return !isTrue(condition.child, occurred);
    case 'selection':
      return occurred(condition.name);
    default:
      return condition.names.filter(occurred).length >= (condition.count === 'all' ? condition.names.length : condition.count);
  }
}

/**
 * The longest chain of rules in the order given. For each rule and length: when the chain that starts latest began; a chain is in
 * the window when it began in it. Events of one moment come in the order of their rules, so they may follow each other.
 */
class TemporalOrdered extends Compared {
  private readonly timespanMs: number;
  private readonly rules: number;
  /** `starts[length * rules + rule]`: the latest start of a chain of `length + 1` rules that ends with the rule. */
  private readonly starts: Float64Array;

  constructor(criteria: readonly Criterion[], { timespanMs, rules }: { timespanMs: number; rules: number }) {
    super(criteria);
    this.timespanMs = timespanMs;
    this.rules = rules;
    this.starts = new Float64Array(rules * rules);
    this.reset();
  }
  reset(): void {
    this.starts.fill(-Infinity);
  }
  add({ time, rule }: Seen): void {
    for (let length = 1; length <= rule; length++) {
      let latest = -Infinity;
      for (let before = 0; before < rule; before++) latest = Math.max(latest, this.start(length - 1, before));
      this.starts[length * this.rules + rule] = latest;
    }
    this.starts[rule] = time;
  }
  evict(): void {
    // What is too old shows by its start.
  }
  protected measure({ time }: Seen): number {
    for (let length = this.rules; length > 0; length--) {
      for (let rule = 0; rule < this.rules; rule++) if (this.start(length - 1, rule) >= time - this.timespanMs) return length;
    }
    return 0;
  }
  private start(length: number, rule: number): number {
    return this.starts[length * this.rules + rule] ?? -Infinity;
  }
}
