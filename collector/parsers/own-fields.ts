/**
 * Records that already speak ECS keep what they say. Only known field sets are taken over, only where the type is the one
 * our event has: the record is untrusted, and everything downstream relies on `host.name` being text.
 */
import type { Draft } from './event.ts';
import { type JsonObject, isObject } from './json.ts';

const FIELD_SETS = [
  'process', 'user', 'source', 'destination', 'network', 'url', 'http', 'user_agent', 'file', 'dll', 'registry', 'dns', 'service', 'auditd',
] as const; // prettier-ignore

/** Fields whose values are text in every field set. */
const TEXT: ReadonlySet<string> = new Set(
  (
    'name domain executable command_line working_directory entity_id ip address path directory original query method referrer version ' +
    'protocol transport direction value type message_type session'
  ).split(' '),
);
const NUMBER: ReadonlySet<string> = new Set(['pid', 'port', 'status_code', 'bytes', 'sequence']);
const OBJECT: ReadonlySet<string> = new Set(['parent', 'target', 'effective', 'hash', 'request', 'response', 'body', 'question', 'data']);

/** Lays the record's own ECS fields over what was worked out; what it says itself wins. */
export function keepOwnFields(event: Draft, record: JsonObject): Draft {
  for (const name of FIELD_SETS) {
    const given = record[name];
    if (!isObject(given)) continue;
    const mine: unknown = event[name];
    const into = isObject(mine) ? mine : {};
    overlay(into, given);
    if (Object.keys(into).length > 0) Object.assign(event, { [name]: into });
  }
  const own = record['event'];
  if (isObject(own)) ownEvent(event.event, own);
  const host = record['host'];
  if (isObject(host) && typeof host['name'] === 'string' && event.winlog === undefined) event.host = { ...event.host, name: host['name'] };
  return event;
}

function overlay(into: JsonObject, given: JsonObject): void {
  for (const key of Object.keys(given)) {
    const value = given[key];
    if (!fits(key, value)) continue;
    if (isObject(value)) {
      const child = isObject(into[key]) ? into[key] : {};
      overlay(child, value);
      into[key] = child;
    } else into[key] = value;
  }
}

function fits(key: string, value: unknown): boolean {
  if (value === null || value === undefined) return false;
  if (TEXT.has(key)) return typeof value === 'string';
  if (NUMBER.has(key)) return typeof value === 'number';
  if (OBJECT.has(key)) return isObject(value);
  if (key === 'answers') return Array.isArray(value) && value.every((item) => isObject(item) && typeof item['data'] === 'string');
  if (key === 'strings') return isTexts(value);
  return true;
}

function ownEvent(event: Draft['event'], own: JsonObject): void {
  const { category, type, action, outcome, code, provider, dataset } = own;
  if (isTexts(category)) event.category = category;
  if (isTexts(type)) event.type = type;
  if (typeof action === 'string') event.action = action;
  if (outcome === 'success' || outcome === 'failure' || outcome === 'unknown') event.outcome = outcome;
  if (typeof code === 'string' && event.code === undefined) event.code = code;
  if (typeof provider === 'string' && event.provider === undefined) event.provider = provider;
  if (typeof dataset === 'string' && event.dataset === undefined) event.dataset = dataset;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
