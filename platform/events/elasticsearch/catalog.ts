/**
 * The indices of events. `<prefix>-events-<class>-<home>-<generation>`; the alias without the generation points to the one that
 * is written to. A generation that is full is closed to writing before the next begins, so that what an event is looked for in
 * before it is written can no longer change: an id never comes to lie in two of them.
 */
import { ElasticFailure, type Elastic } from './client.ts';
import type { Settings } from './options.ts';

export interface Generation {
  readonly index: string;
  readonly number: number;
  readonly bytes: number;
  readonly events: number;
}

export interface Home {
  readonly class: string;
  /** See `homes.ts`. */
  readonly home: string;
  /** The alias to write to. */
  readonly alias: string;
  /** Oldest first; the last is written to. */
  readonly generations: readonly Generation[];
}

interface Row {
  readonly index: string;
  readonly 'pri.store.size': string | null;
  readonly 'docs.count': string | null;
}

const STALE_MS = 30_000;
/** Indices made at the same time. */
const AT_ONCE = 6;

export class Catalog {
  /** Names all indices of events. */
  readonly all: string;
  private readonly elastic: Elastic;
  private readonly settings: Settings;
  private homes = new Map<string, Home>();
  private loadedAt = -Infinity;

  constructor(elastic: Elastic, settings: Settings) {
    this.elastic = elastic;
    this.settings = settings;
    this.all = `${settings.prefix}-events-*`;
  }

  /** Reads from the cluster what there is. */
  async load(): Promise<readonly Home[]> {
    const rows = await this.elastic.request<readonly Row[]>({
      method: 'GET',
      path: `/_cat/indices/${this.all}`,
      query: { format: 'json', bytes: 'b', h: 'index,pri.store.size,docs.count', expand_wildcards: 'open' },
    });
    const found = new Map<string, Home>();
    for (const row of rows) {
      const parsed = this.parse(row);
      if (parsed === undefined) continue;
      const known = found.get(parsed.home.alias);
      const generations = [...(known?.generations ?? []), parsed.generation].sort((left, right) => left.number - right.number);
      found.set(parsed.home.alias, { ...parsed.home, generations });
    }
    this.homes = found;
    this.loadedAt = performance.now();
    return [...found.values()];
  }

  async fresh(): Promise<void> {
    if (performance.now() - this.loadedAt > STALE_MS) await this.load();
  }

  has(group: string, home: string): boolean {
    return this.homes.has(this.aliasOf(group, home));
  }

  known(group: string, home: string): Home | undefined {
    return this.homes.get(this.aliasOf(group, home));
  }

  /** The homes, with the first generation made where there is none, the next where the last is full or found `closed` to writing. */
  async ensure(wanted: ReadonlySet<string>, closed: ReadonlySet<string>): Promise<void> {
    const making: (() => Promise<void>)[] = [];
    for (const alias of wanted) {
      const last = this.homes.get(alias)?.generations.at(-1);
      if (last === undefined) making.push(() => this.create(alias));
      else if (last.bytes >= this.settings.rolloverBytes * this.settings.shards || closed.has(last.index))
        making.push(() => this.rollOver(alias, last));
    }
    if (making.length === 0) return;
    const worker = async (): Promise<void> => {
      for (let make = making.shift(); make !== undefined; make = making.shift()) await make();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    await this.load();
    const gone = [...wanted].find((alias) => !this.homes.has(alias));
    if (gone !== undefined) throw new ElasticFailure('answered', 503, { type: 'index_not_found', reason: `${gone} is not there yet` });
  }

  private async create(alias: string): Promise<void> {
    await this.unlessThere(() =>
      this.elastic.request({ method: 'PUT', path: `/${nameOf(alias, 1)}`, body: { aliases: { [alias]: { is_write_index: true } } } }),
    );
  }

  private async rollOver(alias: string, last: Generation): Promise<void> {
    // Answers only when no write to it is under way any more.
    await this.elastic.request({ method: 'PUT', path: `/${last.index}/_block/write` });
    const next = nameOf(alias, last.number + 1);
    await this.unlessThere(() =>
      this.elastic.request({
        method: 'PUT',
        path: `/${next}`,
        // The old one stays in the alias, for reading.
        body: { aliases: { [alias]: { is_write_index: false } } },
      }),
    );
    const pointed = (index: string, is_write_index: boolean): object => ({ add: { index, alias, is_write_index } });
    await this.elastic.request({
      method: 'POST',
      path: '/_aliases',
      body: { actions: [pointed(last.index, false), pointed(next, true)] },
    });
  }

  private async unlessThere(make: () => Promise<unknown>): Promise<void> {
    try {
      await make();
    } catch (error) {
      if (!(error instanceof ElasticFailure) || error.type !== 'resource_already_exists_exception') throw error;
    }
  }

  aliasOf(group: string, home: string): string {
    return `${this.settings.prefix}-events-${group}-${home}`;
  }

  private parse(row: Row): { readonly home: Omit<Home, 'generations'>; readonly generation: Generation } | undefined {
    const start = `${this.settings.prefix}-events-`;
    const match = row.index.startsWith(start) ? /^([a-z0-9_]+)-([a-z0-9.]+)-(\d{6})$/.exec(row.index.slice(start.length)) : null;
    const [, group, home, number] = match ?? [];
    if (group === undefined || home === undefined) return undefined;
    return {
      home: { class: group, home, alias: this.aliasOf(group, home) },
      generation: {
        index: row.index,
        number: Number(number),
        bytes: Number(row['pri.store.size'] ?? 0),
        events: Number(row['docs.count'] ?? 0),
      },
    };
  }
}

function nameOf(alias: string, generation: number): string {
  return `${alias}-${String(generation).padStart(6, '0')}`;
}
