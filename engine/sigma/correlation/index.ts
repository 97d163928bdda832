/** Correlations over a stream of matches of rules: what docs/decisions/0021-correlations.md decides, in bounded memory. */
import type { RuleFailure } from '../model.ts';
import type { Joined } from './matches.ts';
import type { SigmaCorrelation } from './model.ts';
import { type Clockwork, type CorrelationChange, type CorrelationPart, readHead, Restorer, takeChanges } from './persist.ts';
import { type CorrelatedRule, type Plan, planCorrelations, type Plans, type ResolvedCorrelation } from './plan.ts';
import { carriedOf, fieldsOfMatch, select, type Selected } from './select.ts';
import { MAX_BLOCK, Slab } from './slab.ts';
import { CorrelationState, type Limits, type StateCounters } from './state.ts';

export type { CorrelatedRule, CorrelationChange, CorrelationPart, ResolvedCorrelation };
export type { Limits as CorrelationLimits };

/** A rule matched an event. */
export interface CorrelationEvent {
  /** Id of the rule. */
  readonly rule: string;
  /** Of this event and rule; no other event of the rule has it. */
  readonly id: string;
  /** When the event happened, milliseconds. */
  readonly time: number;
  /** When it was received, on one clock for all events; decides when groups are forgotten. Default: `time`. */
  readonly received?: number;
  /** Events of different partitions are never correlated, e.g. those of two agencies. */
  readonly partition?: string;
  /** Values of the fields `fieldsOf` names. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A match that begins or grows. */
export interface CorrelationMatch {
  /** Of correlation, group and period: the same on every machine, whatever the order in which events arrive. */
  readonly id: string;
  readonly correlation: ResolvedCorrelation;
  readonly partition: string;
  /** Fields of `group-by` with the values of the event that came now. */
  readonly group: readonly { readonly field: string; readonly value: string }[];
  readonly isNew: boolean;
  /** From its first event to the end of its last window. */
  readonly from: number;
  readonly to: number;
  /** What joined now, oldest first; of a rule that is a correlation, `id` is the match's, and it may come again when that grew. */
  readonly events: readonly { readonly rule: string; readonly id: string; readonly time: number }[];
  /** Events in all, by rule in the order of the correlation. */
  readonly counts: readonly { readonly rule: string; readonly title: string; readonly count: number }[];
  /** What the condition was applied to in the last window: a count, sum, average or percentile; of a condition in words, the rules that occurred. */
  readonly result: number;
}

export interface CorrelatorStats extends Readonly<StateCounters> {
  readonly correlation: string;
  readonly groups: number;
  readonly events: number;
}

export interface Correlator {
  /** Takes an event in; matches that begin or grow, those that feed others first. */
  push(event: CorrelationEvent): CorrelationMatch[];
  /** What differs from what was taken before, to be stored in the transaction that stores what was pushed. */
  changes(): CorrelationChange[];
  /**
   * Takes stored parts back, once, before the first `push`; they come in the order of correlation, group and part. What belongs to
   * a correlation that is gone or was changed is left out, and `changes` says that it is gone.
   */
  restore(parts: Iterable<CorrelationPart>): void;
  /** As `restore`, in as many steps as the caller likes, so that a large state does not hold the thread. */
  restoring(): Restoring;
  stats(): CorrelatorStats[];
}

/** Nothing may be pushed before it is finished. */
export interface Restoring {
  /** Parts, going on in their order where the last step ended. */
  add(parts: Iterable<CorrelationPart>): void;
  /** Yields between slices of the work; the state is there once it has ended. */
  finish(): Generator<undefined, void>;
}

export interface CorrelationOptions {
  /** The rules that may be referred to. */
  readonly rules: readonly CorrelatedRule[];
  /** Defaults: 1,000,000 groups, 4,000,000 events, 10,000 events a group, one hour late, periods of one hour. */
  readonly limits?: Partial<Limits>;
  /** Groups or events had to go for want of room. */
  readonly onEvicted?: (correlation: string, evicted: { readonly groups: number; readonly events: number }) => void;
  /** Goes on where this one is, for every correlation that did not change; it must not be used any more. */
  readonly previous?: Correlator;
}

export interface CompiledCorrelations {
  readonly correlator: Correlator;
  readonly correlations: readonly ResolvedCorrelation[];
  readonly failures: readonly RuleFailure[];
  /** Fields of a rule's events that its correlations read; empty for a rule none refers to. */
  readonly fieldsOf: (ruleId: string) => readonly string[];
}

const DEFAULTS: Limits = { groups: 1_000_000, events: 4_000_000, groupEvents: 10_000, latenessMs: 3_600_000, periodMs: 3_600_000 };

/** Compiles correlations that `parseSigma` gave. One that cannot be used is a failure with its place, and stops no other. */
export function compileCorrelations(correlations: readonly SigmaCorrelation[], options: CorrelationOptions): CompiledCorrelations {
  const limits = { ...DEFAULTS, ...options.limits };
  const bounded = { ...limits, groupEvents: Math.min(limits.groupEvents, MAX_BLOCK) };
  const plans = planCorrelations(correlations, { rules: options.rules, windowEvents: bounded.groupEvents });
  const correlator = new StreamCorrelator(plans, { ...options, limits: bounded });
  const resolved = [...plans.plans.values()].map(({ correlation }) => correlation);
  return { correlator, correlations: resolved, failures: plans.failures, fieldsOf: (id) => plans.fieldsOf(id) };
}

/** Rules and correlations that raise no alerts of their own: see the decision on `generate`. */
export function silencedRules(correlations: readonly SigmaCorrelation[], rules: readonly CorrelatedRule[]): Set<string> {
  const silenced = new Set<string>();
  for (const { rules: references, file, generate } of correlations) {
    if (generate === true) continue;
    for (const { rule: reference } of references)
      for (const { id, name, file: home } of [...rules, ...correlations])
        if ((id === reference || name === reference) && (generate === false || home === file)) silenced.add(id);
  }
  return silenced;
}

interface Feed {
  readonly state: CorrelationState;
  readonly rule: number;
}

type Fed = Required<Pick<CorrelationEvent, 'id' | 'time' | 'partition' | 'fields'>>;

class StreamCorrelator implements Correlator {
  private readonly states = new Map<string, CorrelationState>();
  private readonly feeds = new Map<string, Feed[]>();
  private readonly clockwork: Clockwork = { now: -Infinity, order: 0 };
  private readonly slab: Slab;
  private readonly onEvicted: CorrelationOptions['onEvicted'];
  /** Correlations whose stored state is of no use. */
  private dropped: string[] = [];

  constructor({ plans }: Plans, options: CorrelationOptions & { readonly limits: Limits }) {
    this.onEvicted = options.onEvicted;
    const previous = options.previous instanceof StreamCorrelator ? options.previous : undefined;
    this.slab = previous?.slab ?? new Slab();
    if (previous !== undefined) this.clockwork = previous.clockwork;
    for (const [id, plan] of plans) this.states.set(id, previous?.hand(plan) ?? new CorrelationState(plan, this.slab, options.limits));
    if (previous !== undefined) this.dropped = previous.end();
    for (const state of this.states.values())
      state.plan.sources.forEach(({ id, chained }, rule) => {
        if (!chained) this.feeds.set(id, [...(this.feeds.get(id) ?? []), { state, rule }]);
      });
  }

  push(event: CorrelationEvent): CorrelationMatch[] {
    const feeds = this.feeds.get(event.rule);
    if (feeds === undefined) return [];
    this.clockwork.now = Math.max(this.clockwork.now, event.received ?? event.time);
    const matches: CorrelationMatch[] = [];
    const { id, time, partition = '', fields } = event;
    for (const feed of feeds) this.feed(feed, { id, time, partition, fields }, matches);
    return matches;
  }

  changes(): CorrelationChange[] {
    const dropped = this.dropped.map((correlation) => ({ correlation, group: null, part: null, state: null }));
    this.dropped = [];
    const changed = [...this.states.values()].map((state) => takeChanges(state, this.clockwork));
    return [...dropped, ...changed.flat()];
  }

  restore(parts: Iterable<CorrelationPart>): void {
    const restoring = this.restoring();
    restoring.add(parts);
    for (const _slice of restoring.finish());
  }

  restoring(): Restoring {
    const restorers = new Map<string, Restorer | undefined>();
    const dropped = this.dropped;
    return {
      add: (parts) => {
        for (const part of parts) {
          const { correlation, group, state: text } = part;
          if (group === '') restorers.set(correlation, this.restorer(correlation, text));
          else restorers.get(correlation)?.add(part);
        }
      },
      *finish() {
        for (const [correlation, restorer] of restorers) {
          if (restorer === undefined) dropped.push(correlation);
          else yield* restorer.finish();
        }
      },
    };
  }

  stats(): CorrelatorStats[] {
    return [...this.states].map(([correlation, { groups, counters }]) => ({
      correlation,
      groups: groups.size,
      events: groups.events,
      ...counters,
    }));
  }

  /** The head of a correlation comes before its groups: the empty text is the first. */
  private restorer(correlation: string, head: string): Restorer | undefined {
    const state = this.states.get(correlation);
    const clockwork = state === undefined ? undefined : readHead(head, state.plan.fingerprint);
    if (state === undefined || clockwork === undefined) return undefined;
    this.clockwork.now = Math.max(this.clockwork.now, clockwork.now);
    this.clockwork.order = Math.max(this.clockwork.order, clockwork.order);
    return new Restorer(state);
  }

  private hand(plan: Plan): CorrelationState | undefined {
    const state = this.states.get(plan.correlation.id);
    if (state === undefined || state.plan.fingerprint !== plan.fingerprint) return undefined;
    state.plan = plan;
    this.states.delete(plan.correlation.id);
    return state;
  }

  /** Frees what nobody took over, and names it. */
  private end(): string[] {
    const dropped = [...this.dropped, ...this.states.keys()];
    for (const { groups, remove } of this.states.values()) for (const slot of groups.all()) remove(slot);
    this.states.clear();
    return dropped;
  }

  private feed({ state, rule }: Feed, event: Fed, matches: CorrelationMatch[]): void {
    const { plan, counters } = state;
    const source = plan.sources[rule];
    if (source === undefined) return;
    const places = select(plan, source, event);
    if (places === 'no group') return void counters.withoutGroup++;
    if (places === 'no value') return void counters.withoutValue++;
    const carried = carriedOf(source, event.fields);
    const before = { groups: counters.evictedGroups, events: counters.evictedEvents };
    for (const place of places) {
      const { now } = this.clockwork;
      const joined = state.push({ ...place, rule, carried, now, id: event.id, time: event.time, order: ++this.clockwork.order });
      for (const part of joined) if (part.events.length > 0) this.raise({ state, place, part, partition: event.partition }, matches);
    }
    const evicted = { groups: counters.evictedGroups - before.groups, events: counters.evictedEvents - before.events };
    if (evicted.groups + evicted.events > 0) this.onEvicted?.(plan.correlation.id, evicted);
  }

  /** Tells of a match, and feeds it to the correlations above: once for each combination of what its new events carried. */
  private raise({ state, place, part, partition }: Raised, matches: CorrelationMatch[]): void {
    const { plan } = state;
    matches.push(matchOf(plan, { place, part, partition }));
    for (const { id, rule } of plan.above) {
      const above = this.states.get(id);
      if (above === undefined) continue;
      for (const carried of new Set(part.events.map((event) => event.carried))) {
        const fields = fieldsOfMatch(plan, place.group, this.slab.texts.text(carried));
        this.feed({ state: above, rule }, { id: part.match.id, time: part.match.last, partition, fields }, matches);
      }
    }
  }
}

interface Raised {
  readonly state: CorrelationState;
  readonly place: Selected;
  readonly part: Joined;
  readonly partition: string;
}

function matchOf({ correlation, sources }: Plan, { place, part, partition }: Omit<Raised, 'state'>): CorrelationMatch {
  const { match, isNew, events } = part;
  return {
    id: match.id,
    correlation,
    partition,
    group: correlation.groupBy.map((field, index) => ({ field, value: place.group[index] ?? '' })),
    isNew,
    from: match.from,
    to: match.last,
    events: events.map(({ rule, id, time }) => ({ rule: sources[rule]?.id ?? '', id, time })),
    counts: sources.map(({ id, title }, rule) => ({ rule: id, title, count: match.counts[rule] ?? 0 })),
    result: match.result,
  };
}
