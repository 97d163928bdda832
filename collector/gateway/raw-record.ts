/** One line of a batch body → `RawRecord`, checked by hand: this runs for every event. */
import type { RawRecord, RecordFormat } from '../contracts.ts';
import { isObject } from '../parsers/json.ts';
import { isoToMs } from '../parsers/time.ts';
import { deadLetterError } from './errors.ts';

const FORMATS: ReadonlySet<unknown> = new Set(['auto', 'windows', 'syslog', 'auditd', 'nginx', 'apache', 'json', 'journald']);
const MAX_LABELS = 32;

export interface CheckedRecord extends RawRecord {
  readonly format: RecordFormat;
}

/** Throws INGEST_LINE_NOT_JSON or INGEST_RECORD_INVALID. Unknown keys are ignored. */
export function readRecord(line: string): CheckedRecord {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw deadLetterError('INGEST_LINE_NOT_JSON', {}, error);
  }
  if (!isObject(value)) throw deadLetterError('INGEST_LINE_NOT_JSON');
  return checkRecord(value);
}

function checkRecord(value: Record<string, unknown>): CheckedRecord {
  const { raw, raw64, format = 'auto', utcOffset } = value;
  const record: CheckedRecord = {
    id: requiredText(value, 'id', 200),
    source: requiredText(value, 'source', 64),
    collected: requiredText(value, 'collected', 40),
    format: isFormat(format) ? format : invalid('format', 'is not one of the known formats'),
  };
  record.collected = canonicalTime(record.collected);
  optionalText(record, value, 'path', 4096);
  optionalText(record, value, 'host', 255);
  if (typeof raw === 'string' && raw64 === undefined) record.raw = raw;
  else if (typeof raw64 === 'string' && raw === undefined) record.raw64 = raw64;
  else invalid('raw', 'or raw64 must be there, one of them, as text');
  if (typeof utcOffset === 'number' && Math.abs(utcOffset) <= 1080) record.utcOffset = utcOffset;
  else if (utcOffset !== undefined) invalid('utcOffset', 'is not a number of minutes');
  if (value['labels'] !== undefined) record.labels = labels(value['labels']);
  return record;
}

function isFormat(value: unknown): value is RecordFormat {
  return FORMATS.has(value);
}

function canonicalTime(text: string): string {
  const ms = isoToMs(text) ?? Date.parse(text);
  if (!Number.isFinite(ms)) return invalid('collected', 'is not a time');
  return text.length === 24 && text.endsWith('Z') ? text : new Date(ms).toISOString();
}

function requiredText(value: Record<string, unknown>, field: string, limit: number): string {
  const text = value[field];
  if (typeof text !== 'string' || text === '') return invalid(field, 'is missing or not text');
  return text.length <= limit ? text : invalid(field, `is longer than ${limit} characters`);
}

function optionalText(record: CheckedRecord, value: Record<string, unknown>, field: 'path' | 'host', limit: number): void {
  if (value[field] !== undefined) Object.assign(record, { [field]: requiredText(value, field, limit) });
}

function labels(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return invalid('labels', 'is not an object');
  const entries = Object.entries(value);
  if (entries.length > MAX_LABELS) return invalid('labels', `has more than ${MAX_LABELS} entries`);
  const found: Record<string, string> = {};
  for (const [name, text] of entries) {
    if (name.length > 64 || typeof text !== 'string' || text.length > 1024)
      return invalid('labels', 'has an entry that is too long or not text');
    if (name !== '__proto__') found[name] = text;
  }
  return found;
}

function invalid(field: string, problem: string): never {
  throw deadLetterError('INGEST_RECORD_INVALID', { field, problem });
}
