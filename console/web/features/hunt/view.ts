/** What the URL of the hunt says: which events, from when, in which columns. Pure. */
import { defined, oneOf, text, whole } from '../../client/search-params.ts';

export const RANGES = ['15m', '1h', '4h', '24h', '7d', '30d', 'all'] as const;
export const TABS = ['fields', 'raw', 'host'] as const;
export type Range = (typeof RANGES)[number];
export type Tab = (typeof TABS)[number];

export const DEFAULT_RANGE: Range = '24h';
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
export const RANGE_MS: Readonly<Record<Exclude<Range, 'all'>, number>> = {
  '15m': 15 * MINUTE,
  '1h': 60 * MINUTE,
  '4h': 240 * MINUTE,
  '24h': DAY,
  '7d': 7 * DAY,
  '30d': 30 * DAY,
};

export interface HuntView {
  readonly agency?: string;
  /** KQL. */
  readonly q?: string;
  readonly range?: Range;
  /** Milliseconds since the epoch; one of them is enough. */
  readonly from?: number;
  readonly to?: number;
  readonly order?: 'oldest';
  /** Comma-separated. */
  readonly columns?: string;
  /** The event on the right. */
  readonly event?: string;
  readonly tab?: Tab;
  /** Whose most frequent values are shown. */
  readonly field?: string;
}

const MAX_TIME = 8_640_000_000_000;
const MAX_QUERY = 4096;
const MAX_COLUMNS = 20;

export function huntSearch(raw: Record<string, unknown>): HuntView {
  const columns = columnsOf({ columns: text(raw['columns'], 4096) });
  return defined({
    q: text(raw['q'], MAX_QUERY),
    range: oneOf(raw['range'], RANGES),
    from: whole(raw['from'], 0, MAX_TIME),
    to: whole(raw['to'], 0, MAX_TIME),
    order: oneOf(raw['order'], ['oldest']),
    columns: columns === DEFAULT_COLUMNS ? undefined : columns.join(','),
    event: text(raw['event'], 256),
    tab: oneOf(raw['tab'], TABS),
    field: text(raw['field'], 256),
  });
}

/** Half open, milliseconds; without bounds: everything that is stored. */
export interface TimeSpan {
  readonly from?: number;
  readonly to?: number;
}

/** The times the view means at the moment `now`. An absolute range wins; a lone bound gets its other side. */
export function spanOf(view: HuntView, now: number): TimeSpan {
  const { from, to } = view;
  if (from !== undefined && (to === undefined || to > from)) return { from, to: to ?? Math.max(now, from + 1) };
  if (from === undefined && to !== undefined) return { from: Math.max(0, to - DAY), to };
  const range = view.range ?? DEFAULT_RANGE;
  // What a source with a fast clock says about "now" must not fall off the end.
  return range === 'all' ? {} : { from: now - RANGE_MS[range], to: now + MINUTE };
}

/** The time twice as wide around the same middle, not beyond `now`. */
export function widened({ from, to }: Required<TimeSpan>, now: number): Required<TimeSpan> {
  const half = Math.max(500, (to - from) / 2);
  return {
    from: Math.max(0, Math.round(from - half)),
    to: Math.max(Math.round(from + 1), Math.min(Math.round(to + half), Math.max(now, to))),
  };
}

/** Columns that are no field: kind of event, and what happened in one line. */
export const KIND = 'kind';
export const SUMMARY = 'summary';
export const DEFAULT_COLUMNS: readonly string[] = ['host.name', 'user.name', KIND, SUMMARY];

/** The chosen columns, `DEFAULT_COLUMNS` itself when they are those. Time always stands before them. */
export function columnsOf({ columns }: { readonly columns?: string | undefined }): readonly string[] {
  const chosen = [...new Set(columns?.split(',').filter((name) => name !== '' && name.length <= 256))].slice(0, MAX_COLUMNS);
  return chosen.length === 0 || chosen.join() === DEFAULT_COLUMNS.join() ? DEFAULT_COLUMNS : chosen;
}

/** Adds or removes a column. A first field chosen beside the summary goes before it, where it can be seen. */
export function toggled(columns: readonly string[], name: string): string {
  if (columns.includes(name)) return columns.filter((column) => column !== name).join(',');
  const end = columns.at(-1) === SUMMARY ? columns.length - 1 : columns.length;
  return columns.toSpliced(end, 0, name).join(',');
}

/** The columns with `name` one place to the left (-1) or right (1). */
export function moved(columns: readonly string[], name: string, by: -1 | 1): string {
  const at = columns.indexOf(name);
  const to = at + by;
  if (at < 0 || to < 0 || to >= columns.length) return columns.join(',');
  return columns.toSpliced(at, 1).toSpliced(to, 0, name).join(',');
}

/** What decides which events are listed: everything else of the view is how they are shown. */
export function searchKey({ agency, q, range, from, to }: HuntView): string {
  return JSON.stringify([agency, q, range, from, to]);
}
