/**
 * Events of more kinds than can have a bucket of their own: who writes events may combine the fields that log sources are known by
 * as they like. Such an event goes through one bucket for each of its log sources, so the work and the memory stay bounded.
 */
import type { SigmaRule } from '../model.ts';
import type { Shape, Source } from '../pipelines/model.ts';
import { bind, type EventKind, selects } from '../pipelines/resolve.ts';
import type { Bucket, Listener } from './bucket.ts';
import { buildBucket } from './build.ts';
import type { PathTree } from '../json/path-tree.ts';
import type { Document } from './document.ts';
import type { GramCounts } from './grams.ts';
import type { Memory } from './known-values.ts';
import type { LogicNode } from './logic.ts';

export interface SourceRules {
  readonly rules: readonly SigmaRule[];
  readonly logic: readonly LogicNode[];
  readonly counts: GramCounts;
  readonly tree: PathTree;
  readonly memory: Memory;
}

export class SourceBuckets {
  private readonly input: SourceRules;
  private readonly buckets = new Map<Shape, Map<Source | 'hint', Bucket>>();

  constructor(input: SourceRules) {
    this.input = input;
  }

  /** The rules that match an event of this kind: each is asked through the source that binds it. */
  match(event: Document, kind: EventKind, { matched, fault, timed }: Listener): void {
    const { rules } = this.input;
    for (const source of [...kind.sources, 'hint' as const]) {
      if (source === 'hint' && kind.hint === undefined) continue;
      const mine = (index: number): boolean => {
        const rule = rules[index];
        return rule !== undefined && bind(rule.logsource, kind) === source;
      };
      const listener: Listener = {
        matched: (index) => {
          if (mine(index)) matched(index);
        },
        fault: (index, error) => {
          if (mine(index)) fault(index, error);
        },
        timed,
      };
      const bucket = this.bucket(kind.shape, source);
      // A new bucket may ask for places that the text was not read for.
      event.refresh();
      bucket.match(event, listener);
    }
  }

  private bucket(shape: Shape, source: Source | 'hint'): Bucket {
    let known = this.buckets.get(shape);
    if (known === undefined) this.buckets.set(shape, (known = new Map()));
    let bucket = known.get(source);
    if (bucket === undefined) {
      const bound = this.input.rules.flatMap((rule, index) => {
        const logic = this.input.logic[index];
        return logic === undefined || (source !== 'hint' && !selects(rule.logsource, source.is)) ? [] : [{ index, rule, logic, source }];
      });
      bucket = buildBucket({ ...this.input, shape, bound, eventId: undefined });
      known.set(source, bucket);
    }
    return bucket;
  }
}
