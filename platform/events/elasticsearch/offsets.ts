/**
 * How far each partition of the log is stored: a document per partition, written after the events. A document is replaced only if
 * it is still the one that was read, so that of two who store the same partition one is told to look again.
 */
import type { IndexedUpTo } from '../contract.ts';
import { eventsError } from '../errors.ts';
import { ElasticFailure, type Elastic } from './client.ts';
import type { Settings } from './options.ts';
import { persistently } from './retry.ts';

interface Stored {
  readonly _seq_no: number;
  readonly _primary_term: number;
  readonly _source: { readonly partition: number; readonly offset: number };
}

interface Version {
  readonly seqNo: number;
  readonly term: number;
}

const MOST = 10_000;

export class Offsets {
  private readonly elastic: Elastic;
  private readonly index: string;
  private readonly patienceMs: number;
  private next: ReadonlyMap<number, number> = new Map();
  private versions = new Map<number, Version>();

  constructor(elastic: Elastic, { prefix, patienceMs }: Settings) {
    this.elastic = elastic;
    this.index = `${prefix}-offsets`;
    this.patienceMs = patienceMs;
  }

  /** As last read or written; the same map until it changes. */
  current(): ReadonlyMap<number, number> {
    return this.next;
  }

  async load(): Promise<ReadonlyMap<number, number>> {
    const hits = await persistently(this.patienceMs, () => this.read());
    const next = new Map(hits.map(({ _source }) => [_source.partition, _source.offset]));
    this.versions = new Map(hits.map((hit) => [hit._source.partition, { seqNo: hit._seq_no, term: hit._primary_term }]));
    if (!same(next, this.next)) this.next = next;
    return this.next;
  }

  /** @throws EVENTS_GAP for a batch that does not begin where the partition ends, EVENTS_STORE_FAILED for what is no offset */
  async refuseGaps(upTo: readonly IndexedUpTo[]): Promise<void> {
    for (const { offset } of upTo) {
      if (!Number.isSafeInteger(offset)) throw eventsError('EVENTS_STORE_FAILED', { reason: `${offset} is no offset` });
    }
    // Another node may have gone on with the partition since.
    if (upTo.some((each) => this.gap(each))) await this.load();
    const gap = upTo.find((each) => this.gap(each));
    if (gap !== undefined) throw gapError(gap, this.next);
  }

  /** @throws EVENTS_GAP when another has moved a partition on meanwhile */
  async advance(upTo: readonly IndexedUpTo[]): Promise<void> {
    if (upTo.length === 0) return;
    let left = upTo;
    await persistently(this.patienceMs, async () => {
      left = await this.write(left);
    });
    if (left.length > 0) {
      await this.load();
      // An earlier try may have been carried out without our hearing of it.
      const moved = left.find(({ partition, offset }) => this.next.get(partition) !== offset);
      if (moved !== undefined) throw gapError(moved, this.next);
    }
  }

  private gap({ partition, from }: IndexedUpTo): boolean {
    return from !== undefined && from !== (this.next.get(partition) ?? 0);
  }

  private async read(): Promise<readonly Stored[]> {
    try {
      await this.elastic.request({ method: 'POST', path: `/${this.index}/_refresh` });
      const found = await this.elastic.request<{ readonly hits: { readonly hits: readonly Stored[] } }>({
        method: 'POST',
        path: `/${this.index}/_search`,
        body: { size: MOST, seq_no_primary_term: true, query: { match_all: {} } },
      });
      return found.hits.hits;
    } catch (error) {
      if (error instanceof ElasticFailure && error.type === 'index_not_found_exception') return [];
      throw error;
    }
  }

  /** Answers those that are no longer what was read. */
  private async write(upTo: readonly IndexedUpTo[]): Promise<readonly IndexedUpTo[]> {
    const lines = upTo.flatMap((each) => [
      JSON.stringify(this.action(each)),
      JSON.stringify({ partition: each.partition, offset: each.offset }),
    ]);
    const answer = await this.elastic.request<{ readonly items: readonly Readonly<Record<string, Written>>[] }>({
      method: 'POST',
      path: '/_bulk',
      lines: `${lines.join('\n')}\n`,
    });
    const next = new Map(this.next);
    const conflicts: IndexedUpTo[] = [];
    for (const [at, each] of upTo.entries()) {
      const [item] = Object.values(answer.items[at] ?? {});
      if (item?.error === undefined && item !== undefined) {
        next.set(each.partition, each.offset);
        this.versions.set(each.partition, { seqNo: item._seq_no, term: item._primary_term });
      } else if (item?.status === 409) conflicts.push(each);
      else
        throw new ElasticFailure('answered', item?.status ?? 503, {
          type: item?.error?.type ?? '',
          reason: item?.error?.reason ?? 'no answer',
        });
    }
    if (!same(next, this.next)) this.next = next;
    return conflicts;
  }

  private action({ partition, from }: IndexedUpTo): object {
    const version = this.versions.get(partition);
    const place = { _index: this.index, _id: String(partition) };
    if (from === undefined) return { index: place };
    if (version === undefined) return { create: place };
    return { index: { ...place, if_seq_no: version.seqNo, if_primary_term: version.term } };
  }
}

interface Written {
  readonly status: number;
  readonly _seq_no: number;
  readonly _primary_term: number;
  readonly error?: { readonly type: string; readonly reason: string };
}

function gapError({ partition, from }: IndexedUpTo, stored: ReadonlyMap<number, number>): Error {
  return eventsError('EVENTS_GAP', { partition, from: from ?? 0, end: stored.get(partition) ?? 0 });
}

function same(left: ReadonlyMap<number, number>, right: ReadonlyMap<number, number>): boolean {
  return left.size === right.size && [...left].every(([partition, offset]) => right.get(partition) === offset);
}
