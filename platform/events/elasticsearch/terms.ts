/** Terms of the index: a name and what is found at it, so that one field answers for every name there is. */
import { fold } from '../fold.ts';
import { ipKey } from '../ip.ts';
import { numberOf } from '../kql/semantics.ts';
import { SLOTS } from './templates.ts';

/** Longest term of Lucene is 32,766 bytes; a name takes up to 768 of them. */
export const LONGEST_TERM = 31_900;
/** What is counted of a value too long to be a term, characters. */
const LONGEST_COUNTED = 8000;
const SEPARATOR = '\0';
/** Follows the separator: every term of a name lies between the two. */
const AFTER = '\u0001';
// oxlint-disable-next-line no-control-regex -- what would be taken for the separator
const CONTROL = /[\u0000\u0001]/;

/** The name as it begins a term: no other name begins so. */
export function escaped(name: string): string {
  if (!CONTROL.test(name)) return name;
  return name.replaceAll('\u0001', '\u0001\u0002').replaceAll('\0', '\u0001\u0001');
}

export function term(name: string, value: string): string {
  return escaped(name) + SEPARATOR + value;
}

/** Bounds of all terms of a name: the first is below each, the second above. */
export function bounds(name: string): { readonly gte: string; readonly lt: string } {
  return { gte: term(name, ''), lt: escaped(name) + AFTER };
}

/** Marks a name that is there and has nothing to count, an object for instance. No name begins so. */
export function uncounted(name: string): string {
  return SEPARATOR + escaped(name);
}

export function isLong(folded: string): boolean {
  return folded.length * 3 > LONGEST_TERM && Buffer.byteLength(folded) > LONGEST_TERM;
}

/** The part of a value that is counted. */
export function countable(value: string): string {
  return isLong(value) ? value.slice(0, LONGEST_COUNTED).toWellFormed() : value;
}

/** Sixteen hexadecimal digits that sort like the numbers. */
export function numberKey(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value === 0 ? 0 : value);
  const bits = view.getBigUint64(0);
  const sortable = bits >> 63n === 1n ? ~bits & 0xffff_ffff_ffff_ffffn : bits | (1n << 63n);
  return sortable.toString(16).padStart(16, '0');
}

const IPV4 = /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;

/** The key of an IPv4 address among values that have no column. */
export function ip4Key(value: string): string | undefined {
  return IPV4.test(value) ? ipKey(value) : undefined;
}

/** FNV-1a of the name. */
export function slotOf(name: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return `v${(hash >>> 0) % SLOTS}`;
}

/** What an event is found by. */
export interface Found {
  names: string[];
  terms: string[];
  numbers: string[];
  addresses: string[];
  /** Names that have a value too long to be a term. */
  long: string[];
}

/** Adds what one value is found by; `looked`: conditions compare it as a whole. */
export function addValue(found: Found, name: string, value: string): void {
  const folded = fold(value);
  if (isLong(folded)) found.long.push(name);
  else found.terms.push(term(name, folded));
  addNumber(found, name, value);
}

export function addNumber(found: Found, name: string, value: string): void {
  // Quick: most values begin like no number.
  const first = value.charCodeAt(0);
  if (first > 0x39 || first < 0x2b) return;
  const number = numberOf(value);
  if (number !== undefined) found.numbers.push(term(name, numberKey(number)));
}
