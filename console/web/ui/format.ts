/** How values are written on screen. Pure; every function takes what it needs, nothing reads the clock. */
export type Language = 'vi' | 'en';

// Vietnam has kept UTC+7 without daylight saving since 1975, so the shift is a constant and Intl (20 times slower) is not needed.
const VIETNAM_OFFSET_MS = 7 * 3_600_000;

const two = (n: number): string => (n < 10 ? `0${n}` : String(n));

function inVietnam(ms: number): Date {
  return new Date(ms + VIETNAM_OFFSET_MS);
}

/** `22/11/2026` in Asia/Ho_Chi_Minh. */
export function formatDate(ms: number): string {
  const d = inVietnam(ms);
  return `${two(d.getUTCDate())}/${two(d.getUTCMonth() + 1)}/${d.getUTCFullYear()}`;
}

/** `14:03:07` in Asia/Ho_Chi_Minh; with milliseconds `14:03:07.250`. */
export function formatClock(ms: number, precision: 'minutes' | 'seconds' | 'milliseconds' = 'seconds'): string {
  const d = inVietnam(ms);
  const minutes = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;
  if (precision === 'minutes') return minutes;
  const seconds = `${minutes}:${two(d.getUTCSeconds())}`;
  return precision === 'seconds' ? seconds : `${seconds}.${String(d.getUTCMilliseconds()).padStart(3, '0')}`;
}

/** `22/11/2026 14:03:07` in Asia/Ho_Chi_Minh. */
export function formatTime(ms: number, precision: 'minutes' | 'seconds' | 'milliseconds' = 'seconds'): string {
  return Number.isFinite(ms) ? `${formatDate(ms)} ${formatClock(ms, precision)}` : '–';
}

/** Reads `DD/MM/YYYY HH:mm[:ss]` in Asia/Ho_Chi_Minh; undefined when it is not a real moment. */
export function parseTime(text: string): number | undefined {
  const found = /^\s*(\d{1,2})\/(\d{1,2})\/(\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?\s*$/.exec(text);
  if (!found) return undefined;
  const [day = 0, month = 0, year = 0, hour = 0, minute = 0, second = 0] = found.slice(1).map((part) => Number(part ?? 0));
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(ms);
  const real = back.getUTCDate() === day && back.getUTCMonth() === month - 1 && back.getUTCHours() === hour;
  return real && minute < 60 && second < 60 ? ms - VIETNAM_OFFSET_MS : undefined;
}

const numberFormats = { vi: new Intl.NumberFormat('vi-VN'), en: new Intl.NumberFormat('en-GB') };
const oneDigit = {
  vi: new Intl.NumberFormat('vi-VN', { maximumFractionDigits: 1 }),
  en: new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 }),
};

/** `12.480` in Vietnamese, `12,480` in English; at most one digit after the point. */
export function formatNumber(value: number, language: Language): string {
  if (!Number.isFinite(value)) return '–';
  return (Number.isInteger(value) ? numberFormats : oneDigit)[language].format(value);
}

/** Binary units: `912 B`, `1,5 KiB`, `3.2 MiB`. */
export function formatBytes(bytes: number, language: Language): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${oneDigit[language].format(value)} ${units[unit] ?? 'B'}`;
}

/** At most two units: `180 ms`, `4,2 s`, `4 m 12 s`, `3 h 5 m`, `2 d 4 h`. */
export function formatDuration(ms: number, language: Language): string {
  if (!Number.isFinite(ms)) return '–';
  const sign = ms < 0 ? '−' : '';
  const size = Math.abs(ms);
  if (size < 1000) return `${sign}${Math.round(size)} ms`;
  if (size < 60_000) return `${sign}${oneDigit[language].format(size < 10_000 ? size / 1000 : Math.round(size / 1000))} s`;
  const pairs = [
    [86_400_000, 'd', 3_600_000, 'h'],
    [3_600_000, 'h', 60_000, 'm'],
    [60_000, 'm', 1000, 's'],
  ] as const;
  const [large, largeName, little, littleName] = pairs.find(([unit]) => size >= unit) ?? pairs[2];
  const rest = Math.floor((size % large) / little);
  return `${sign}${Math.floor(size / large)} ${largeName}${rest > 0 ? ` ${rest} ${littleName}` : ''}`;
}

const relativeFormats = {
  vi: new Intl.RelativeTimeFormat('vi', { numeric: 'always' }),
  en: new Intl.RelativeTimeFormat('en', { numeric: 'always' }),
};

/** `3 minutes ago`, `3 phút trước`. */
export function formatRelative(ms: number, now: number, language: Language): string {
  const delta = ms - now;
  const size = Math.abs(delta);
  const format = relativeFormats[language];
  if (size < 60_000) return format.format(Math.round(delta / 1000), 'second');
  if (size < 3_600_000) return format.format(Math.round(delta / 60_000), 'minute');
  if (size < 86_400_000) return format.format(Math.round(delta / 3_600_000), 'hour');
  return format.format(Math.round(delta / 86_400_000), 'day');
}

/** Keeps both ends, which is where paths, hashes and command lines differ: `C:\Windows\…\cmd.exe`. Never cuts a surrogate pair. */
export function truncateMiddle(text: string, max: number): string {
  const characters = Array.from(text);
  if (characters.length <= max || max < 3) return text;
  const tail = Math.ceil((max - 1) / 2);
  return `${characters.slice(0, max - 1 - tail).join('')}…${characters.slice(-tail).join('')}`;
}

/** Lower case without Vietnamese marks (đ included), for typed search: `Đà Nẵng` → `da nang`. */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[đĐ]/g, 'd')
    .toLowerCase();
}
