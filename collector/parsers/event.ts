import type { ParsedEvent, ParserInput } from '../contracts.ts';
import { isoToMs } from './time.ts';

const DAY = 86_400_000;

/** What every parser is given: the record, and the envelope's times worked out once. */
export interface Source {
  readonly raw: string;
  readonly input: ParserInput;
  /** `collected` in milliseconds. */
  readonly collected: number;
  /** Minutes east of UTC of the machine's own clock; for times without a zone. */
  readonly offset: number;
}

/** A `ParsedEvent` under construction. */
export type Draft = ParsedEvent;

/** Starts an event: time (fall-back: collected), module, raw record and the machine's name. */
export function draft(source: Source, module: string, ms: number | undefined): Draft {
  const happened = ms ?? source.collected;
  const event: Draft = {
    '@timestamp': timestamp(happened, source.input.collected),
    event: { kind: 'event', original: source.raw, module },
  };
  if (source.input.host !== undefined) event.host = { name: source.input.host };
  // A recording replayed is rightly old; a time ahead of the reader's clock can only be wrong.
  if (happened > source.collected + DAY) event.tags = ['clock_skew'];
  return event;
}

function timestamp(ms: number, fallback: string): string {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  if (year >= 0 && year <= 9999) return date.toISOString();
  return isoToMs(fallback) === undefined ? new Date(0).toISOString() : new Date(isoToMs(fallback) ?? 0).toISOString();
}

/** Last component of a Windows or POSIX path. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1);
}

/** What of a path stands before its last component; undefined for a bare name. */
export function directory(path: string): string | undefined {
  const end = Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/'));
  return end > 0 ? path.slice(0, end) : undefined;
}

/** Whether the text looks like an IPv4 or IPv6 address: enough to decide between `ip` and `domain`. */
export function isAddress(text: string): boolean {
  if (text.length < 2 || text.length > 45) return false;
  let dots = 0;
  let colons = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) dots++;
    else if (code === 58) colons++;
    else if (code === 37 && colons > 1) return true;
    else if (!(code >= 48 && code <= 57) && !(colons > 0 && isHex(code)) && !(i < 4 && isHex(code))) return false;
  }
  return colons > 1 || (colons === 0 && dots === 3 && text.charCodeAt(0) < 58);
}

function isHex(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70);
}

/** An endpoint from an address or a name and a port; undefined when neither says anything. */
export function endpoint(
  address: string | undefined,
  port?: number,
): { ip?: string; domain?: string; address?: string; port?: number } | undefined {
  const known = address !== undefined && address !== '' && address !== '-' && address !== '?';
  if (!known && port === undefined) return undefined;
  const end: { ip?: string; domain?: string; address?: string; port?: number } = {};
  if (known) {
    end.address = address;
    const plain = address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
    if (isAddress(plain)) end.ip = plain;
    else end.domain = address;
  }
  if (port !== undefined && port >= 0 && port <= 65_535) end.port = port;
  return end;
}
