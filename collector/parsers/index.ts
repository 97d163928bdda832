/**
 * Raw record → ECS event. Pure and total: never throws, never reads a clock, takes time linear in the record's length. What matches
 * no format is kept whole with the tag `unparsed`; only a record that breaks a limit is refused.
 */
import { LIMITS, type ParseOutcome, type ParseRecord, type ParserInput } from '../contracts.ts';
import { looksLikeAudit, parseAudit } from './auditd.ts';
import { parserError } from './errors.ts';
import { type Draft, type Source, draft } from './event.ts';
import { isJournal, parseJournal } from './journald.ts';
import { deeperThan, parseObject } from './json.ts';
import { parsePlainJson } from './plain-json.ts';
import { parseSyslog } from './syslog.ts';
import { isoToMs } from './time.ts';
import { parseAccess, parseWebError } from './web.ts';
import { parseWindows, parseWindowsXml } from './windows.ts';
import { put } from './windows-record.ts';

export { PARSER_ERRORS } from './errors.ts';

/** Recognises and parses one record. `format` other than `auto` is tried first, recognition by content follows. */
export const parseRecord: ParseRecord = (input) => {
  if (tooLarge(input.raw)) return refused('INGEST_EVENT_TOO_LARGE', LIMITS.eventBytes);
  const source: Source = {
    raw: input.raw,
    input,
    collected: isoToMs(input.collected) ?? 0,
    offset: input.utcOffset ?? 0,
  };
  const body = trimmed(input.raw);
  const brace = body.charCodeAt(0) === 0x7b;
  if (brace && deeperThan(body, LIMITS.jsonDepth)) return refused('INGEST_TOO_DEEP', LIMITS.jsonDepth);
  const event = (brace ? json(body, source) : line(body, source)) ?? unparsed(source);
  if (input.path !== undefined) event.log = { ...event.log, file: { path: input.path } };
  return { event };
};

function refused(code: 'INGEST_EVENT_TOO_LARGE' | 'INGEST_TOO_DEEP', limit: number): ParseOutcome {
  return { error: { code, reason: parserError(code, { limit }).message } };
}

/** UTF-8 needs at most three bytes for a UTF-16 code unit, so most records need no counting. */
function tooLarge(raw: string): boolean {
  return raw.length > LIMITS.eventBytes / 3 && (raw.length > LIMITS.eventBytes || Buffer.byteLength(raw) > LIMITS.eventBytes);
}

/** Without byte-order mark, and without blanks and line ends around. */
function trimmed(raw: string): string {
  return raw.charCodeAt(0) <= 32 || raw.charCodeAt(0) === 0xfeff || raw.charCodeAt(raw.length - 1) <= 32 ? raw.trim() : raw;
}

function json(body: string, source: Source): Draft | undefined {
  const record = parseObject(body);
  if (record === undefined) return undefined;
  if (isJournal(record)) return parseJournal(record, source);
  return parseWindows(record, source) ?? parsePlainJson(record, source);
}

function line(body: string, source: Source): Draft | undefined {
  const { format } = source.input;
  if (format === 'nginx' || format === 'apache') {
    const web = parseAccess(body, source, format) ?? parseWebError(body, source, format);
    if (web !== undefined) return web;
  }
  if (body.startsWith('<Event')) return parseWindowsXml(body, source);
  if (looksLikeAudit(body)) return parseAudit(body, source) ?? parseSyslog(body, source);
  const module = webModule(source.input);
  return parseAccess(body, source, module) ?? parseSyslog(body, source) ?? parseWebError(body, source, module);
}

/** The two servers write the same lines: the path tells, else nginx is named. */
function webModule(input: ParserInput): 'nginx' | 'apache' {
  const path = input.path ?? '';
  return path.includes('apache') || path.includes('httpd') ? 'apache' : 'nginx';
}

function unparsed(source: Source): Draft {
  const event = draft(source, 'unparsed', undefined);
  event.message = source.raw;
  put(event, 'tags', [...(event.tags ?? []), 'unparsed']);
  return event;
}
