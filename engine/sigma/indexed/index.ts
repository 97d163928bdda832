/** The evaluator used in production: events to buckets by their kind, buckets built when the first such event comes. */
import type { SigmaRule } from '../model.ts';
import { fold } from '../match/fold.ts';
import { PathTree } from '../json/path-tree.ts';
import type { Pipelines } from '../pipelines/model.ts';
import { readFirst, scalars } from '../pipelines/paths.ts';
import { bind, type EventKind, fieldPaths, kindOf, shapePaths } from '../pipelines/resolve.ts';
import type { Bucket, Listener } from './bucket.ts';
import { type Bound, buildBucket } from './build.ts';
import { classify, makeClassifiers, type Room, type ShapeClassifier } from './classify.ts';
import { Document } from './document.ts';
import { GramCounts } from './grams.ts';
import type { Memory } from './known-values.ts';
import { type LogicNode, Planner } from './logic.ts';
import { beginEvent } from '../regex/budget.ts';
import { SourceBuckets } from './sources.ts';

/** Buckets and branches kept; events of further kinds go through a bucket for each of their log sources. */
const MOST_BUCKETS = 1_500;
/** What the rule set may remember of values seen before. */
const REMEMBERED_BYTES = 24 * 1024 * 1024;
const MOST_BRANCHES = 50_000;

export interface IndexedRules {
  /** The index of every rule that matches, in ascending order. Never throws for what an event holds. */
  match(event: object, fault: (index: number, error: unknown) => void): readonly number[];
  /** The same for the event's JSON text in UTF-8. Throws SyntaxError for what is no JSON; what is no object matches nothing. */
  matchJson(json: Uint8Array, fault: (index: number, error: unknown) => void): readonly number[];
}

/** Makes the index over rules whose placeholders are filled. */
export function indexRules(rules: readonly SigmaRule[], pipelines: Pipelines, watch?: Watch): IndexedRules {
  return new Index(rules, pipelines, watch);
}

/** Who wants to know what rules cost. */
export interface Watch {
  /** One event in so many is measured. */
  readonly every: number;
  /** An event is measured. */
  readonly event: () => void;
  /** A rule looked at it, and took so many milliseconds. */
  readonly timed: (index: number, ms: number) => void;
}

/** The rules that look at one kind of event. */
interface Bindings {
  readonly bound: readonly Bound[];
  /** The same for kinds whose rules see the same fields. */
  readonly signature: string;
  /** Event ids the rules ask for. */
  readonly eventIds: ReadonlySet<string>;
}

class Index implements IndexedRules {
  private readonly rules: readonly SigmaRule[];
  private readonly logic: readonly LogicNode[];
  private readonly pipelines: Pipelines;
  private readonly classifiers: ShapeClassifier<Bucket>[];
  private readonly counts = new GramCounts();
  private readonly memory: Memory = { left: REMEMBERED_BYTES };
  private readonly tree = new PathTree();
  private readonly document: Document;
  /** Buckets by kind of event and event id. */
  private readonly buckets = new Map<string, Bucket>();
  /** Rules by kind of event. */
  private readonly kinds = new Map<string, Bindings>();
  private readonly bySource: SourceBuckets;
  private readonly room: Room = { left: MOST_BRANCHES };
  private readonly result: number[] = [];
  private readonly watch: Watch | undefined;
  /** Events since the last one that was measured. */
  private unmeasured = 0;

  constructor(rules: readonly SigmaRule[], pipelines: Pipelines, watch: Watch | undefined) {
    this.watch = watch;
    this.rules = rules;
    this.pipelines = pipelines;
    const planner = new Planner();
    this.logic = rules.map((rule) => planner.rule(rule));
    const names = new Set<string>();
    for (const node of this.logic) this.survey(node, names);
    const hints = new Set(
      rules.flatMap(({ logsource: { product, service, category } }) => [product, service, category].filter((name) => name !== undefined)),
    );
    for (const { is } of pipelines.sources)
      for (const name of [is.product, is.service, is.category]) if (name !== undefined) hints.add(name);
    this.classifiers = makeClassifiers(pipelines, { names, hints, tree: this.tree });
    this.document = new Document(this.tree);
    const { logic, counts, tree, memory } = this;
    this.bySource = new SourceBuckets({ rules, logic, counts, tree, memory });
  }

  match(event: object, fault: (index: number, error: unknown) => void): readonly number[] {
    this.document.setObject(event);
    return this.run(fault);
  }

  matchJson(json: Uint8Array, fault: (index: number, error: unknown) => void): readonly number[] {
    if (this.document.setBytes(json)) return this.run(fault);
    this.result.length = 0;
    return this.result;
  }

  private run(fault: Listener['fault']): readonly number[] {
    const { result, document } = this;
    result.length = 0;
    beginEvent();
    const listener = this.listener(fault);
    const branch = classify(document, this.classifiers, this.room);
    if (branch === undefined) return result;
    const bucket = branch === 'full' ? undefined : (branch.kind ??= this.bucketFor(document));
    if (bucket === undefined) this.matchBySource(document, listener);
    else if (bucket.size > 0) bucket.match(document, listener);
    return result.length > 1 ? result.sort((a, b) => a - b) : result;
  }

  private matchBySource(document: Document, listener: Listener): void {
    const kind = kindOf(document.event, this.pipelines);
    if (kind !== undefined) this.bySource.match(document, kind, listener);
  }

  /** The same listener as long as the caller gives the same function. */
  private listener(fault: Listener['fault']): Listener {
    if (this.lastListener.fault !== fault) this.lastListener = { matched: this.onMatch, fault, timed: undefined };
    const { watch } = this;
    if (watch === undefined || ++this.unmeasured < watch.every) return this.lastListener;
    this.unmeasured = 0;
    watch.event();
    return { matched: this.onMatch, fault, timed: watch.timed };
  }

  private readonly onMatch = (index: number): void => void this.result.push(index);
  private lastListener: Listener = { matched: this.onMatch, fault: () => undefined, timed: undefined };

  /** Gathers event ids that rules ask for, and how often groups of letters occur. */
  private survey(node: LogicNode, names: Set<string>): void {
    if (node.kind === 'leaf') {
      for (const needle of node.test.needles ?? []) this.counts.add(needle);
      if (node.field === 'EventID' && node.test.form === 'equals') names.add(fold(node.test.literal));
    } else if (node.kind === 'not') this.survey(node.child, names);
    else for (const child of node.children) this.survey(child, names);
  }

  /** Undefined when there are as many buckets as there may be. */
  private bucketFor(document: Document): Bucket | undefined {
    const { event } = document;
    const kind = kindOf(event, this.pipelines);
    if (kind === undefined) throw new Error('an event that has a shape has a kind');
    const key = this.keyOf(kind);
    if (this.kinds.size >= MOST_BUCKETS && !this.kinds.has(key)) return undefined;
    const { bound, signature, eventIds } = this.bindings(key, kind);
    const paths = shapePaths(kind.shape, 'EventID');
    const ids = scalars(readFirst(event, paths)?.value);
    const [id] = ids;
    const open = ids.length !== 1 || id === null || id === undefined || Array.isArray(readFirst(event, paths)?.value);
    const value = open ? undefined : fold(String(id));
    const named = value !== undefined && eventIds.has(value) ? value : undefined;
    const bucketKey = `${kind.shape.name}|${signature}|${open ? 'open' : (named ?? 'other')}`;
    let bucket = this.buckets.get(bucketKey);
    if (bucket === undefined) {
      if (this.buckets.size >= MOST_BUCKETS) return undefined;
      // A value no rule asks for is as good as any other such value.
      const eventId = open ? undefined : { key: JSON.stringify(fieldPaths(kind.shape, 'hint', 'EventID')), value: named };
      const { counts, tree, memory } = this;
      bucket = buildBucket({ shape: kind.shape, bound, eventId, counts, tree, memory });
      document.refresh();
      this.buckets.set(bucketKey, bucket);
    }
    return bucket;
  }

  private bindings(key: string, kind: EventKind): Bindings {
    const known = this.kinds.get(key);
    if (known !== undefined) return known;
    const bound = this.boundTo(kind);
    // Kinds whose rules see the same fields share their buckets.
    const mappings = new Map<unknown, number>();
    const number = ({ source }: Bound): number => {
      const fields = source === 'hint' || (source.fields.size === 0 && !source.spaced) ? 'as they are' : source;
      const mapping = mappings.get(fields) ?? mappings.size;
      mappings.set(fields, mapping);
      return mapping;
    };
    const parts = bound.map((one) => `${one.index}:${number(one)}`);
    const sources = [...mappings.keys()].map((fields) =>
      typeof fields === 'string' ? -1 : this.pipelines.sources.findIndex((source) => source === fields),
    );
    const bindings = { bound, signature: `${sources.join()}|${parts.join()}`, eventIds: this.eventIds(bound) };
    this.kinds.set(key, bindings);
    return bindings;
  }

  private eventIds(bound: readonly Bound[]): Set<string> {
    const names = new Set<string>();
    const visit = (node: LogicNode): void => {
      if (node.kind === 'leaf') {
        if (node.field === 'EventID' && node.test.form === 'equals') names.add(fold(node.test.literal));
      } else if (node.kind === 'not') visit(node.child);
      else node.children.forEach(visit);
    };
    for (const { logic } of bound) visit(logic);
    return names;
  }

  private boundTo(kind: EventKind): Bound[] {
    return this.rules.flatMap((rule, index) => {
      const source = bind(rule.logsource, kind);
      const logic = this.logic[index];
      return source === undefined || logic === undefined ? [] : [{ index, rule, logic, source }];
    });
  }

  private keyOf({ shape, sources, hint }: EventKind): string {
    const { product = '', service = '', category = '' } = hint ?? {};
    return JSON.stringify([
      shape.name,
      sources.map((source) => this.pipelines.sources.indexOf(source)),
      hint === undefined ? null : [product, service, category],
    ]);
  }
}
