/** What the literals of a query mean; shared by the evaluator and the SQL compiler so that they can not drift apart. */
import { ipKey, cidrKeys } from '../ip.ts';

const NUMBER = /^[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,3})?$/;
/** The same, as a regular expression of the database (RE2, whole match). */
export const NUMBER_RE2 = '[+-]?([0-9]{1,40}(\\.[0-9]{0,40})?|\\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?';

export function numberOf(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

const DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?)?)?)?(Z|[+-]\d\d:\d\d)?$/;

/** The interval, milliseconds since the epoch and half open, that a date names at its own precision (`2026-11` = the month). UTC unless it says otherwise. */
export function dateOf(text: string): { readonly from: number; readonly to: number } | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => (part === undefined ? undefined : Number(part)));
  if (year === undefined) return undefined;
  const start = Date.UTC(year, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0, Number((match[7] ?? '0').padEnd(3, '0')));
  if (!plausible({ month, day, hour, minute, second })) return undefined;
  const shift = zone(match[8]);
  return { from: start - shift, to: end(start, { year, month, day, hour, second, fraction: match[7] }) - shift };
}

interface Parts {
  readonly [name: string]: number | string | undefined;
}

function plausible(parts: Parts): boolean {
  const within = (name: string, low: number, high: number): boolean => {
    const value = parts[name];
    return value === undefined || (Number(value) >= low && Number(value) <= high);
  };
  return within('month', 1, 12) && within('day', 1, 31) && within('hour', 0, 23) && within('minute', 0, 59) && within('second', 0, 59);
}

function end(start: number, parts: Parts & { readonly year: number; readonly month: number | undefined }): number {
  if (parts.month === undefined) return Date.UTC(parts.year + 1, 0, 1);
  if (parts['day'] === undefined) return Date.UTC(parts.year, parts.month, 1);
  if (parts['hour'] === undefined) return start + 86_400_000;
  if (parts['second'] === undefined) return start + 60_000;
  return start + (parts['fraction'] === undefined ? 1000 : 1);
}

function zone(text: string | undefined): number {
  if (text === undefined || text === 'Z') return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(4, 6));
  return (text.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** Inclusive bounds of keys, for an address or a network; undefined for anything else. */
export function addressOf(text: string): readonly [string, string] | undefined {
  const key = ipKey(text);
  return key === undefined ? cidrKeys(text) : [key, key];
}

/** True when `text` holds the parts in order: from its start and to its end (`whole`) or anywhere. Linear in the text. */
export function matchesParts(text: string, parts: readonly string[], whole: boolean): boolean {
  const all = whole ? parts : ['', ...parts, ''];
  const first = all[0] ?? '';
  const last = all.at(-1) ?? '';
  if (all.length === 1) return text === first;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  const limit = text.length - last.length;
  for (const part of all.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > limit) return false;
    at = found + part.length;
  }
  return at <= limit;
}
