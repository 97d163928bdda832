/**
 * Times as sources write them → ISO 8601 UTC with milliseconds. Finer digits are cut, never rounded, so order is kept.
 * A time without a zone is taken at `offset`, minutes east of UTC.
 */
const MINUTE = 60_000;
const DAY = 86_400_000;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Reads `length` decimal digits at `at`, or -1. */
export function digits(text: string, at: number, length: number): number {
  let value = 0;
  for (let i = at; i < at + length; i++) {
    const code = text.charCodeAt(i) - 48;
    if (!(code >= 0 && code <= 9)) return -1;
    value = value * 10 + code;
  }
  return value;
}

/** `2026-11-22T03:50:37.1234567+07:00` and its relatives (space for T, comma for the dot, no fraction, no zone) → milliseconds. */
export function isoToMs(text: string, offset = 0): number | undefined {
  if (text.length < 19 || text.length > 40 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return undefined;
  const day = calendar(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2));
  const time = clock(text, 11);
  if (day === undefined || time === undefined) return undefined;
  let at = 19;
  let fraction = 0;
  if (text[at] === '.' || text[at] === ',') {
    const start = ++at;
    while (at < text.length && digits(text, at, 1) >= 0) at++;
    fraction = digits(text.slice(start, Math.min(at, start + 3)).padEnd(3, '0'), 0, 3);
  }
  const zone = zoneMinutes(text, at);
  if (zone === undefined) return undefined;
  return day + time + fraction - (zone === 'none' ? offset : zone) * MINUTE;
}

/** `HH:MM:SS` at `at` → milliseconds of the day. */
export function clock(text: string, at: number): number | undefined {
  const hour = digits(text, at, 2);
  const minute = digits(text, at + 3, 2);
  const second = digits(text, at + 6, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return undefined;
  return (hour * 3600 + minute * 60 + second) * 1000;
}

/** Midnight UTC of a date of the (proleptic Gregorian) calendar; undefined for the 30th of February. */
export function calendar(year: number, month: number, day: number): number | undefined {
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > daysOf(month, year)) return undefined;
  // Years counted from March put the leap day last; 146,097 days are 400 years; day 719,468 is 1970-01-01.
  const y = month > 2 ? year : year - 1;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return (era * 146_097 + dayOfEra - 719_468) * DAY;
}

function daysOf(month: number, year: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** `Z`, `+07:00`, `+0700`, ` -0700` or nothing, up to the end of the text. */
export function zoneMinutes(text: string, start: number): number | 'none' | undefined {
  let at = start;
  if (text[at] === ' ') at++;
  if (at >= text.length) return 'none';
  if (text[at] === 'Z' || text[at] === 'z') return at + 1 === text.length ? 0 : undefined;
  const sign = text[at] === '+' ? 1 : text[at] === '-' ? -1 : 0;
  const hour = digits(text, at + 1, 2);
  const minute = digits(text, text[at + 3] === ':' ? at + 4 : at + 3, 2);
  if (sign === 0 || hour < 0 || hour > 23) return undefined;
  return sign * (hour * 60 + Math.max(0, minute));
}

/** 1 for January; 0 for anything else. English abbreviations, any case. */
export function monthOf(text: string): number {
  return MONTHS.indexOf(text.slice(0, 3).toLowerCase()) + 1;
}

/** A date without year, near `collected`: its year, or the one before when that would be more than a day ahead. */
export function withoutYear(at: { month: number; day: number; timeMs: number; offset: number }, collected: number): number | undefined {
  const year = new Date(collected).getUTCFullYear();
  for (const candidate of [year + 1, year, year - 1, year - 2, year - 3, year - 4]) {
    const day = calendar(candidate, at.month, at.day);
    if (day === undefined) continue;
    const ms = day + at.timeMs - at.offset * MINUTE;
    if (ms <= collected + DAY) return ms;
  }
  return undefined;
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by size (years 2001 to 2286), or ISO text → milliseconds. */
export function anyToMs(value: unknown, offset = 0): number | undefined {
  if (typeof value === 'string') {
    const iso = isoToMs(value, offset);
    if (iso !== undefined || value.length > 20 || value.length < 9) return iso;
  } else if (typeof value !== 'number') return undefined;
  const number = Number(value);
  if (!(number >= 1e9)) return undefined;
  const power = number < 1e10 ? 1e-3 : number < 1e13 ? 1 : number < 1e16 ? 1e3 : 1e6;
  return number < 1e19 ? Math.floor(power < 1 ? number * 1000 : number / power) : undefined;
}
