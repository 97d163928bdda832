/** Tests on one value that cost little and need no index: shared by both evaluators. */
import type { DatePart, Test } from '../model.ts';
import { inNetwork, parseAddress } from '../parse/ip.ts';
import type { ScalarValue } from '../pipelines/paths.ts';

/** A number where the value is one or is written as one in decimal. */
export function toNumber(value: ScalarValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i.test(value)) return undefined;
  return Number(value);
}

export function compares(test: Test & { kind: 'compare' }, value: ScalarValue): boolean {
  const number = toNumber(value);
  if (number === undefined) return false;
  if (test.operator === 'gt') return number > test.value;
  if (test.operator === 'gte') return number >= test.value;
  return test.operator === 'lt' ? number < test.value : number <= test.value;
}

export function inCidr(test: Test & { kind: 'cidr' }, value: ScalarValue): boolean {
  const address = typeof value === 'string' ? parseAddress(value.trim()) : undefined;
  return address !== undefined && inNetwork(address, test.network, test.bits);
}

/** A part of a date written `2026-11-22T04:15:00…` or `2026-11-22 04:15:00`, as written: no time zone is applied (specification: Time Modifiers). */
export function datePart(value: ScalarValue, part: DatePart): ScalarValue | undefined {
  const found = typeof value === 'string' ? /^\s*(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d))?/.exec(value) : null;
  if (found === null) return undefined;
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])];
  if (part === 'week') return isoWeek(year, month, day);
  const parts: Record<Exclude<DatePart, 'week'>, string | undefined> = {
    year: found[1],
    month: found[2],
    day: found[3],
    hour: found[4],
    minute: found[5],
  };
  const text = parts[part];
  return text === undefined ? undefined : Number(text);
}

/** ISO 8601 week: the week of the year's first Thursday is week 1. */
function isoWeek(year: number, month: number, day: number): number {
  const date = new Date(Date.UTC(year, month - 1, day));
  date.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  return Math.ceil(((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000 + 1) / 7);
}
