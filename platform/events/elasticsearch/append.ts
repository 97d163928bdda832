/**
 * Makes batches of events searchable, in the order they came: events first, then what was refused to its own index, then the offsets.
 * A failure on the way leaves the offsets where they were; the batch that comes again completes what is missing and changes nothing else.
 */
import { DAY_MS } from '../bounds.ts';
import type { Appended, Received } from '../consumer.ts';
import type { IndexedUpTo } from '../contract.ts';
import { writeAll, type BulkResult, type Placed, type Refused } from './bulk.ts';
import type { Catalog, Home } from './catalog.ts';
import { ElasticFailure } from './client.ts';
import type { Classes } from './classes.ts';
import { Documents, type Document } from './document.ts';
import { dayHome, homeOf } from './homes.ts';
import type { Offsets } from './offsets.ts';
import { persistently } from './retry.ts';
import type { Store } from './store.ts';

/** A record that carries no time is stamped when it is read, and read again soon after: it may come to lie in the next day. */
const REPEAT_MS = 60_000;
const MGET = 5000;
/** An index that is full or gone is found out by writing to it; so often is the place of an event looked for anew. */
const MOVES = 5;

export class Appender {
  private readonly store: Store;
  private readonly catalog: Catalog;
  private readonly classes: Classes;
  private readonly offsets: Offsets;
  private readonly documents = new Documents();
  private last: Promise<unknown> = Promise.resolve();

  constructor(store: Store) {
    this.store = store;
    this.catalog = store.catalog;
    this.classes = store.classes;
    this.offsets = store.offsets;
  }

  /** Each record is the UTF-8 JSON of an `EcsEvent`. */
  append(records: readonly Uint8Array[], upTo: readonly IndexedUpTo[]): Promise<Appended> {
    const { documents, rejected } = this.read(records);
    const done = this.last.then(async () => ({ ...(await this.write(documents, upTo)), rejected }));
    this.last = done.catch(() => undefined);
    return done;
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.last;
  }

  private read(records: readonly Uint8Array[]): { readonly documents: Document[]; readonly rejected: number } {
    const documents: Document[] = [];
    let rejected = 0;
    let first: string | undefined;
    for (const record of records) {
      const document = this.documents.of(record);
      if (document === undefined) {
        rejected++;
        first ??= Buffer.from(record.subarray(0, 200)).toString();
      } else documents.push(document);
    }
    if (rejected > 0) this.store.note('error', 'records that are not events were skipped', { count: rejected, first });
    return { documents, rejected };
  }

  private async write(documents: readonly Document[], upTo: readonly IndexedUpTo[]): Promise<Omit<Appended, 'rejected'>> {
    await this.offsets.refuseGaps(upTo);
    const { stored, duplicates, refused, indices } = await this.place(documents);
    if (refused.length > 0) await this.refuse(refused);
    await this.refresh(indices);
    await this.offsets.advance(upTo);
    return { stored: stored.length, duplicates: duplicates.length, received: receivedOf(stored) };
  }

  private async place(documents: readonly Document[]): Promise<BulkResult & { readonly indices: ReadonlySet<string> }> {
    const { elastic, settings } = this.store;
    const all: BulkResult & { readonly indices: Set<string> } = {
      stored: [],
      duplicates: [],
      refused: [],
      displaced: [],
      indices: new Set(),
    };
    let left = [...once(documents, all.duplicates)];
    let closed: ReadonlySet<string> = new Set();
    for (let moves = 0; left.length > 0; moves++) {
      if (moves > 0) await persistently(settings.patienceMs, () => this.catalog.load());
      const placed = await this.places(left, { closed, duplicates: all.duplicates });
      const result = await writeAll(elastic, placed, settings.patienceMs);
      all.stored.push(...result.stored);
      all.duplicates.push(...result.duplicates);
      all.refused.push(...result.refused);
      for (const { index } of placed) all.indices.add(index);
      closed = new Set(result.displaced.map(({ index }) => index));
      for (const index of closed) all.indices.delete(index);
      left = result.displaced.map(({ document }) => document);
      if (moves > MOVES) throw new Error(`${left.length} events find no index that can be written to`);
    }
    return all;
  }

  /** The index for each event that is in none of the others where it may be. */
  private async places(
    documents: readonly Document[],
    given: { readonly closed: ReadonlySet<string>; readonly duplicates: Document[] },
  ): Promise<Placed[]> {
    const { settings } = this.store;
    return persistently(settings.patienceMs, async () => {
      await this.catalog.fresh();
      await this.classes.learn(new Set(documents.map(({ agency }) => agency)));
      const homes = documents.map((document) => {
        const group = this.classes.of(document.agency);
        return { group, home: homeOf(document.at, document.received, (day) => this.catalog.has(group, day)) };
      });
      await this.catalog.ensure(new Set(homes.map(({ group, home }) => this.catalog.aliasOf(group, home))), given.closed);
      const found: Placed[] = [];
      const elsewhere: { readonly index: string; readonly document: Document }[] = [];
      for (const [at, document] of documents.entries()) {
        const { group = '', home: name = '' } = homes[at] ?? {};
        const home = this.catalog.known(group, name);
        const last = home?.generations.at(-1);
        if (home === undefined || last === undefined) throw new ElasticFailure('answered', 503, { type: 'index_not_found', reason: name });
        found.push({ document, index: last.index });
        for (const index of this.others(document, home)) elsewhere.push({ index, document });
      }
      const known = await this.stored(elsewhere);
      given.duplicates.push(...known);
      return known.size === 0 ? found : found.filter(({ document }) => !known.has(document));
    });
  }

  /** Further indices in which the event may lie: earlier generations, and the day beside it where it happened at midnight. */
  private others(document: Document, home: Home): string[] {
    const indices = home.generations.slice(0, -1).map(({ index }) => index);
    const beside = Math.floor(document.at / DAY_MS) === Math.floor((document.at - REPEAT_MS) / DAY_MS) ? REPEAT_MS : -REPEAT_MS;
    const day =
      Math.floor(document.at / DAY_MS) === Math.floor((document.at + beside) / DAY_MS) ? undefined : dayHome(document.at + beside);
    const neighbour = day === undefined ? undefined : this.catalog.known(home.class, day);
    return neighbour === undefined ? indices : [...indices, ...neighbour.generations.map(({ index }) => index)];
  }

  private async stored(asked: readonly { readonly index: string; readonly document: Document }[]): Promise<ReadonlySet<Document>> {
    const known = new Set<Document>();
    for (let from = 0; from < asked.length; from += MGET) {
      const slice = asked.slice(from, from + MGET);
      const answer = await this.store.elastic.request<{ readonly docs: readonly { readonly found?: boolean }[] }>({
        method: 'POST',
        path: '/_mget',
        query: { filter_path: 'docs.found' },
        body: { docs: slice.map(({ index, document }) => ({ _index: index, _id: document.id, _source: false })) },
      });
      for (const [at, { document }] of slice.entries()) if (answer.docs[at]?.found === true) known.add(document);
    }
    return known;
  }

  private async refuse(refused: readonly Refused[]): Promise<void> {
    const { elastic, settings, clock } = this.store;
    const lines = refused.map(({ document, reason }) => {
      const kept = { at: clock.now(), event: document.event, reason, body: document.body };
      return `${JSON.stringify({ index: { _index: `${settings.prefix}-rejected`, _id: document.id } })}\n${JSON.stringify(kept)}\n`;
    });
    await persistently(settings.patienceMs, () => elastic.request({ method: 'POST', path: '/_bulk', lines: lines.join('') }));
    await this.store.onRejected(
      refused.map(({ document, reason }) => ({ id: document.event, agency: document.agency, reason, event: recordOf(document) })),
    );
    const first = refused[0];
    this.store.note('error', 'Elasticsearch refused events; they are kept in the index of rejected documents', {
      count: refused.length,
      first: first?.document.event,
      reason: first?.reason,
    });
  }

  private async refresh(indices: ReadonlySet<string>): Promise<void> {
    const { elastic, settings } = this.store;
    const names = [...indices];
    for (let from = 0; from < names.length; from += 20) {
      const path = `/${names.slice(from, from + 20).join(',')}/_refresh`;
      await persistently(settings.patienceMs, () => elastic.request({ method: 'POST', path, query: { ignore_unavailable: true } }));
    }
  }
}

/** Each id once; further ones are duplicates. */
function once(documents: readonly Document[], duplicates: Document[]): Iterable<Document> {
  const seen = new Map<string, Document>();
  for (const document of documents) {
    if (seen.has(document.id)) duplicates.push(document);
    else seen.set(document.id, document);
  }
  return seen.values();
}

/** How many of those stored each agency's events were received when; the events of one delivery share their time. */
function receivedOf(stored: readonly Document[]): Received[] {
  const found = new Map<string, { agency: string; at: number; count: number }>();
  for (const { agency, received } of stored) {
    if (received === undefined) continue;
    const key = `${received} ${agency}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, { agency, at: received, count: 1 });
    else known.count++;
  }
  return [...found.values()];
}

/** The event as it was given, out of what was made of it. */
function recordOf({ body }: Document): string {
  // oxlint-disable-next-line no-unsafe-type-assertion -- made by document.ts
  const { record } = JSON.parse(body) as { readonly record?: unknown };
  return typeof record === 'string' ? record : body;
}
