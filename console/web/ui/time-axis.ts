/** Where the marks of a time axis and of a count axis stand. Pure; times are read in Asia/Ho_Chi_Minh. */
import { formatClock, formatDate } from './format.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ZONE = 7 * HOUR;

const STEPS = [
  ...[1, 5, 10, 30].map((n) => n * SECOND),
  ...[1, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map((n) => n * DAY),
];

export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** At most `most` marks at round times; at midnight, and when days are stepped, the date instead of the time. */
export function timeTicks(from: number, to: number, most: number): Tick[] {
  if (!(to > from) || most < 1) return [];
  const widest = STEPS.at(-1) ?? DAY;
  const step = STEPS.find((one) => (to - from) / one <= most) ?? Math.ceil((to - from) / most / widest) * widest;
  const ticks: Tick[] = [];
  for (let at = Math.ceil((from + ZONE) / step) * step - ZONE; at < to && ticks.length <= most; at += step) {
    ticks.push({ at, label: labelOf(at, step) });
  }
  return ticks;
}

function labelOf(at: number, step: number): string {
  if (step >= 30 * DAY) return formatDate(at).slice(3);
  if (step >= DAY || (at + ZONE) % DAY === 0) return formatDate(at).slice(0, 5);
  return formatClock(at, step >= MINUTE ? 'minutes' : 'seconds');
}

/** The smallest of 1, 2, 2.5 or 5 times a power of ten that is not below `value`; at least 1. */
export function roundTop(value: number): number {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 2.5, 5, 10].find((one) => one * power >= value && Number.isInteger(one * power)) ?? 10;
  return factor * power;
}
