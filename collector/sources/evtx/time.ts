import { Malformed } from './malformed.ts';

/** Seconds from 1601-01-01 (FILETIME) to 1970-01-01. */
const EPOCH_SECONDS = 11_644_473_600;
/** 2^32 hundred-nanosecond ticks are 429 s and 4,967,296 ticks. */
const HIGH_SECONDS = 429;
const HIGH_TICKS = 4_967_296;
const TICKS_PER_SECOND = 10_000_000;
/** 9999-12-31T23:59:59Z, the last second ISO 8601 writes with four digits of year. */
const LAST_SECOND = 253_402_300_799;

let cachedSecond = Number.NaN;
let cachedText = '';

/** ISO 8601 UTC with microseconds, from the two halves of a FILETIME (100 ns since 1601). Throws `Malformed` beyond year 9999. */
export function filetimeText(low: number, high: number): string {
  const ticks = high * HIGH_TICKS + low;
  const second = high * HIGH_SECONDS + Math.floor(ticks / TICKS_PER_SECOND) - EPOCH_SECONDS;
  if (second > LAST_SECOND) throw new Malformed('FILETIME is beyond the year 9999', 0);
  return `${secondText(second)}.${pad(Math.floor((ticks % TICKS_PER_SECOND) / 10), 6)}Z`;
}

/** ISO 8601 UTC with microseconds from the 16 bytes of a SYSTEMTIME. Throws `Malformed` on a date that does not exist. */
export function systemTimeText(bytes: Buffer, at: number): string {
  const field = (index: number): number => bytes.readUInt16LE(at + index * 2);
  const [year, month, day] = [field(0), field(1), field(3)];
  const [hour, minute, second, millisecond] = [field(4), field(5), field(6), field(7)];
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!exists || year < 1601 || year > 9999 || millisecond > 999) throw new Malformed('SYSTEMTIME is not a date', at);
  return `${date.toISOString().slice(0, 19)}.${pad(millisecond, 3)}000Z`;
}

/** Events come in runs of the same second: one `Date` per run. */
function secondText(second: number): string {
  if (second !== cachedSecond) {
    cachedText = new Date(second * 1000).toISOString().slice(0, 19);
    cachedSecond = second;
  }
  return cachedText;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
