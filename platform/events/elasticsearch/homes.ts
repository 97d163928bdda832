/**
 * Where an event is kept: a function of the event alone, so that it is the same however often and by whomever it is stored. The
 * class of its agency and the UTC day it happened on; events that happened long before they were received, or after, share an
 * index with others of their year, so that recordings and wild clocks can not make thousands of indices.
 */
import { DAY_MS } from '../bounds.ts';

/** Days before it was received that an event may have happened on to be kept with that day. */
const LATE_DAYS = 45;
const EARLY_DAYS = 2;
/** Years that get an index of their own. */
const YEARS = { from: 2000, to: 2099 };
/** For what happened in no year that a clock would show. */
const ADRIFT = 'adrift';

/** `2026.11.22`. */
export function dayHome(at: number): string | undefined {
  const date = new Date(Math.floor(at / DAY_MS) * DAY_MS);
  const year = date.getUTCFullYear();
  return year >= YEARS.from && year <= YEARS.to ? date.toISOString().slice(0, 10).replaceAll('-', '.') : undefined;
}

/** `received` undefined: nobody stamped it. `kept` answers whether the day has an index already. */
export function homeOf(at: number, received: number | undefined, kept: (home: string) => boolean): string {
  const day = dayHome(at);
  if (day === undefined) return ADRIFT;
  const near = received !== undefined && at >= received - LATE_DAYS * DAY_MS && at <= received + EARLY_DAYS * DAY_MS;
  return near || kept(day) ? day : `y${day.slice(0, 4)}`;
}

/** Start of the day, ms; undefined for a home that is no day. */
export function dayOf(home: string): number | undefined {
  return /^\d{4}\.\d\d\.\d\d$/.test(home) ? Date.parse(`${home.replaceAll('.', '-')}T00:00:00.000Z`) : undefined;
}
