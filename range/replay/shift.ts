/**
 * Moves the times written in a record, in the form they are written in: what stands for a moment is moved, nothing else changes,
 * so numbers keep their digits and keys their order.
 */

const ISO = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[+-]\d\d:?\d\d))?`;
const ISO_PARTS = /^(.{10})([T ])(.{8})(?:([.,])(\d{1,9}))?( ?(?:Z|[+-]\d\d:?\d\d))?$/;
/** A JSON value that is a date and nothing else: `@timestamp`, `TimeCreated`, `EventTime`, `SystemTime`, `UtcTime`, … at any depth. */
const JSON_ISO = new RegExp(String.raw`([:[,]\s*")(${ISO})(?=")`, 'g');
/** Seconds, milliseconds, microseconds or nanoseconds since 1970 under the names that journald and common shippers use. */
const JSON_EPOCH =
  /("(?:__REALTIME_TIMESTAMP|_SOURCE_REALTIME_TIMESTAMP|@timestamp|timestamp|time|ts)"\s*:\s*"?)([12]\d{9}(?:\d{3}|\d{6}|\d{9})?)(\.\d{1,9})?(?=["\s,}])/g;
/** Windows XML within a JSON string, as Sysmon for Linux writes to syslog: its quotes and angle brackets may be escaped. */
const EMBEDDED_XML = new RegExp(String.raw`(SystemTime=\\?["']|UtcTime\\?["'](?:>|\\u003[eE]))(${ISO})`, 'g');
const TEXT_ISO = new RegExp(String.raw`(?<![\w.-])(${ISO})(?![\w])`, 'g');
const AUDIT = /(\baudit\()(\d{10})(\.\d{3})(?=:)/g;
const ACCESS = /\[(?<day>\d\d)\/(?<month>[A-Z][a-z]{2})\/(?<year>\d{4}):(?<time>\d\d:\d\d:\d\d) (?<zone>[+-]\d{4})\]/;
const NGINX_ERROR = /^(?<year>\d{4})\/(?<number>\d\d)\/(?<day>\d\d) (?<time>\d\d:\d\d:\d\d)/;
const BSD_SYSLOG = /^(?<priority><\d{1,3}>)?(?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d)/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const LARGEST = 8.64e15;

/** `raw` with its times moved by `delta` milliseconds. `year`: of the event, for formats that write none. */
export function shiftTimes(raw: string, delta: number, year: number): string {
  if (delta === 0) return raw;
  return /^\s*[{[]/.test(raw) ? shiftJson(raw, delta) : shiftText(raw, { delta, year });
}

function shiftJson(raw: string, delta: number): string {
  return raw
    .replace(JSON_ISO, (whole: string, before: string, date: string) => withShifted(whole, before, shiftIso(date, delta)))
    .replace(EMBEDDED_XML, (whole: string, before: string, date: string) => withShifted(whole, before, shiftIso(date, delta)))
    .replace(AUDIT, (_whole, before: string, seconds: string, fraction: string) => before + shiftEpoch(seconds, fraction, delta))
    .replace(JSON_EPOCH, (_whole, before: string, digits: string, fraction?: string) => before + shiftEpoch(digits, fraction ?? '', delta));
}

function withShifted(whole: string, before: string, shifted: string | undefined): string {
  return shifted === undefined ? whole : before + shifted;
}

function shiftText(raw: string, { delta, year }: { delta: number; year: number }): string {
  const moved = raw
    .replace(TEXT_ISO, (whole: string) => shiftIso(whole, delta) ?? whole)
    .replace(AUDIT, (_whole, before: string, seconds: string, fraction: string) => before + shiftEpoch(seconds, fraction, delta));
  return FORMS.reduce((text, form) => shiftForm(text, form, { delta, year }), moved);
}

/** A date in words or slashes: how it is found, and how it is written again. */
interface Form {
  readonly pattern: RegExp;
  readonly write: (to: Parts, found: Readonly<Record<string, string | undefined>>) => string;
}

const FORMS: readonly Form[] = [
  { pattern: ACCESS, write: ({ day, month, year, time }, { zone }) => `[${day}/${month}/${year}:${time} ${zone}]` },
  { pattern: NGINX_ERROR, write: ({ year, number, day, time }) => `${year}/${number}/${day} ${time}` },
  { pattern: BSD_SYSLOG, write: ({ month, day, time }, { priority = '' }) => `${priority}${month} ${day.replace(/^0/, ' ')} ${time}` },
];

function shiftForm(text: string, { pattern, write }: Form, { delta, year }: { delta: number; year: number }): string {
  const found = pattern.exec(text);
  const { groups } = found ?? {};
  if (found === null || groups === undefined) return text;
  const month = groups['number'] === undefined ? MONTHS.indexOf(groups['month'] ?? '') : Number(groups['number']) - 1;
  const day = Date.UTC(Number(groups['year'] ?? year), month, Number(groups['day']));
  const to = parts(day + Date.parse(`1970-01-01T${groups['time']}Z`) + delta);
  if (month < 0 || to === undefined) return text;
  return text.slice(0, found.index) + write(to, groups) + text.slice(found.index + found[0].length);
}

/** Keeps separators, digits of the fraction and zone as they are written. Undefined for a date that does not exist. */
function shiftIso(date: string, delta: number): string | undefined {
  const found = ISO_PARTS.exec(date);
  if (found === null) return undefined;
  const [, day = '', separator = '', time = '', point, fraction = '', zone = ''] = found;
  // The zone stays, so the time it is written in moves by the same amount.
  const written = Date.parse(`${day}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}Z`);
  const moved = written + delta;
  if (Number.isNaN(written) || Math.abs(moved) > LARGEST) return undefined;
  const iso = new Date(moved).toISOString();
  const digits = (iso.slice(20, 23) + fraction.slice(3)).slice(0, fraction.length);
  return `${iso.slice(0, 10)}${separator}${iso.slice(11, 19)}${point === undefined ? '' : point + digits}${zone}`;
}

/** 10 digits are seconds, 13 milliseconds, 16 microseconds, 19 nanoseconds. */
function shiftEpoch(digits: string, fraction: string, delta: number): string {
  const power = digits.length - 10;
  if (power >= 3) return String(BigInt(digits) + BigInt(delta) * 10n ** BigInt(power - 3)) + fraction;
  const moved = Number(digits) * 1000 + Number(fraction.slice(1, 4).padEnd(3, '0')) + delta;
  const seconds = Math.floor(moved / 1000);
  if (fraction === '') return String(seconds);
  return `${seconds}.${(String(moved - seconds * 1000).padStart(3, '0') + fraction.slice(4)).slice(0, fraction.length - 1)}`;
}

interface Parts {
  readonly year: string;
  readonly month: string;
  readonly number: string;
  readonly day: string;
  readonly time: string;
}

function parts(ms: number): Parts | undefined {
  if (Number.isNaN(ms) || Math.abs(ms) > LARGEST) return undefined;
  const iso = new Date(ms).toISOString();
  const number = iso.slice(5, 7);
  return { year: iso.slice(0, 4), month: MONTHS[Number(number) - 1] ?? '', number, day: iso.slice(8, 10), time: iso.slice(11, 19) };
}
