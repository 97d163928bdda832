/**
 * A correlation's state as texts that a store keeps by correlation, group and part, in the transaction that stores what was pushed.
 * Part 0 of a group is its head with its last events; earlier events stand in parts of 64, which are written once.
 */
import { inOrder } from './in-order.ts';
import type { OpenMatch } from './matches.ts';
import type { CorrelationState } from './state.ts';

const VERSION = 2;
const SEGMENT = 64;
const TOUCHED_AT_ONCE = 10_000;

/** `state: null`: the part is gone; `part: null`: every part of the group; `group: null`: everything of the correlation. */
export interface CorrelationChange {
  readonly correlation: string;
  readonly group: string | null;
  readonly part: number | null;
  readonly state: string | null;
}

/** What a store gives back. */
export interface CorrelationPart {
  readonly correlation: string;
  readonly group: string;
  readonly part: number;
  readonly state: string;
}

export interface Clockwork {
  now: number;
  order: number;
}

/** What differs since this was last asked. */
export function takeChanges(state: CorrelationState, { now, order }: Clockwork): CorrelationChange[] {
  const { changed, gone } = state.events.changes;
  if (changed.size === 0 && gone.size === 0) return [];
  const correlation = state.plan.correlation.id;
  const changes: CorrelationChange[] = [
    { correlation, group: '', part: 0, state: JSON.stringify([VERSION, state.plan.fingerprint, now, order]) },
  ];
  for (const group of gone) changes.push({ correlation, group, part: null, state: null });
  for (const [slot, from] of changed) groupChanges(state, { slot, from, correlation }, changes);
  gone.clear();
  changed.clear();
  return changes;
}

function groupChanges(
  state: CorrelationState,
  about: { slot: number; from: number; correlation: string },
  changes: CorrelationChange[],
): void {
  const { slot, correlation } = about;
  const { groups, matches, events } = state;
  const { stored } = events.changes;
  const group = groups.key(slot);
  const [first, end] = [groups.first(slot), groups.end(slot)];
  const tail = Math.floor((end - 1) / SEGMENT);
  for (let segment = stored.get(slot) ?? tail; (segment + 1) * SEGMENT <= first; segment++) {
    changes.push({ correlation, group, part: segment + 1, state: null });
    stored.set(slot, segment + 1);
  }
  // The event before the first that changed may have stood in the head, whose segment is full now.
  for (let segment = Math.floor(Math.max(about.from - 1, first) / SEGMENT); segment < tail; segment++) {
    const start = Math.max(first, segment * SEGMENT);
    const some = eventsOf(state, slot, { from: start, to: (segment + 1) * SEGMENT });
    changes.push({ correlation, group, part: segment + 1, state: JSON.stringify([VERSION, start, some]) });
    if (!stored.has(slot)) stored.set(slot, segment);
  }
  const start = Math.max(first, tail * SEGMENT);
  const head = [
    VERSION,
    first,
    start,
    groups.touchedAt(slot),
    groups.order(slot),
    matches.of(slot).map((match) => [match.id, match.first, match.last, match.from, match.counts, match.result]),
    eventsOf(state, slot, { from: start, to: end }),
  ];
  changes.push({ correlation, group, part: 0, state: JSON.stringify(head) });
}

type StoredEvent = readonly [time: number, rule: number, joined: number, id: string, value: string | number, carried: string];

function eventsOf({ groups, events: held }: CorrelationState, slot: number, range: { from: number; to: number }): StoredEvent[] {
  const { slab } = groups;
  const events: StoredEvent[] = [];
  for (let number = range.from; number < range.to; number++) {
    const at = groups.at(slot, number);
    const value = held.valueOf(slab.value(at));
    events.push([slab.time(at), slab.rule(at), slab.joined(at), slab.id(at), value, slab.texts.text(slab.carried(at))]);
  }
  return events;
}

/* What follows reads only what was written above, by this version, for this plan. */
type Head = readonly [
  version: number,
  first: number,
  start: number,
  touched: number,
  order: number,
  matches: readonly (readonly [string, number, number, number, number[], number])[],
  events: readonly StoredEvent[],
];
type Segment = readonly [version: number, start: number, events: readonly StoredEvent[]];

/** Builds a correlation's groups from its parts, which come in the order of group and part. */
export class Restorer {
  private readonly state: CorrelationState;
  private group: string | undefined;
  private head: Head | undefined;
  private segments: Segment[] = [];

  constructor(state: CorrelationState) {
    this.state = state;
  }

  add({ group, part, state }: CorrelationPart): void {
    if (group !== this.group) this.flush();
    this.group = group;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as written above
    if (part === 0) this.head = JSON.parse(state) as Head;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as written above
    else this.segments.push(JSON.parse(state) as Segment);
  }

  /** Puts the groups in the order in which they were touched; yields between slices of the work. */
  *finish(): Generator<undefined, void> {
    this.flush();
    const { groups } = this.state;
    const sorted = yield* inOrder(Int32Array.from(groups.all()), (slot) => groups.order(slot));
    for (const [index, slot] of sorted.entries()) {
      groups.touch(slot, groups.touchedAt(slot), groups.order(slot));
      if (index % TOUCHED_AT_ONCE === 0) yield;
    }
  }

  private flush(): void {
    const [group, head, segments] = [this.group, this.head, this.segments];
    this.head = undefined;
    this.segments = [];
    if (group === undefined || head === undefined) return;
    const [, first, start, touched, order, matches, tail] = head;
    const older = segments.filter((segment) => segment[1] < start).toSorted((a, b) => a[1] - b[1]);
    const events = older.flatMap(([, from, some]) => some.filter((_, index) => from + index >= first));
    const { state } = this;
    const slot = state.groups.create(group, start - events.length);
    for (const event of [...events, ...tail]) insert(state, slot, event);
    state.groups.touch(slot, touched, order);
    const lowest = older[0];
    if (lowest !== undefined) state.events.changes.stored.set(slot, Math.floor(lowest[1] / SEGMENT));
    state.matches.set(slot, matches.map(openMatch));
  }
}

function insert(state: CorrelationState, slot: number, [time, rule, joined, id, value, carried]: StoredEvent): void {
  const held = carried === '' ? 0 : state.groups.slab.texts.hold(carried);
  state.groups.insert(slot, { time, rule, joined, id, value: state.events.hold(value), carried: held });
}

function openMatch([id, first, last, from, counts, result]: Head[5][number]): OpenMatch {
  return { id, first, last, from, counts, result };
}

/** The head of a correlation: undefined when it is of another version or another definition. */
export function readHead(text: string, fingerprint: string): Clockwork | undefined {
  const head: unknown = JSON.parse(text);
  if (!Array.isArray(head)) return undefined;
  const [version, of, now, order]: unknown[] = head;
  if (version !== VERSION || of !== fingerprint || typeof now !== 'number' || typeof order !== 'number') return undefined;
  return { now, order };
}
