/**
 * One Windows event, whatever wrote it down: the four JSON shapes and the XML come to this before they become an ECS event.
 */
import { type JsonObject, integer, isObject, text } from './json.ts';

export interface WindowsRecord {
  eventId?: number;
  channel?: string;
  provider?: string;
  providerGuid?: string;
  computer?: string;
  recordId?: number;
  task?: string;
  opcode?: string;
  level?: string;
  keywords?: string[];
  /** Time the system wrote the event, as spelled. */
  time?: string;
  /** Milliseconds, when the shape needed more than one field to tell. */
  timeMs?: number;
  message?: string;
  data: JsonObject;
  userData?: JsonObject;
}

/** `Event.System` + `Event.EventData` | `Event.UserData`: what `evtx_dump` writes and what our EVTX reader emits. */
export function fromNested(record: JsonObject): WindowsRecord | undefined {
  const event = record['Event'];
  if (!isObject(event) || !isObject(event['System'])) return undefined;
  const system = event['System'];
  const found: WindowsRecord = { data: eventData(event['EventData']) };
  put(found, 'eventId', integer(valueOf(system['EventID'])));
  put(found, 'channel', text(valueOf(system['Channel'])));
  put(found, 'provider', attribute(system, 'Provider', 'Name'));
  put(found, 'providerGuid', attribute(system, 'Provider', 'Guid'));
  put(found, 'computer', text(valueOf(system['Computer'])));
  put(found, 'recordId', integer(valueOf(system['EventRecordID'])));
  put(found, 'task', text(valueOf(system['Task'])));
  put(found, 'opcode', text(valueOf(system['Opcode'])));
  put(found, 'level', text(valueOf(system['Level'])));
  put(found, 'keywords', keywords(valueOf(system['Keywords'])));
  put(found, 'time', attribute(system, 'TimeCreated', 'SystemTime'));
  const rendering = event['RenderingInfo'];
  if (isObject(rendering)) put(found, 'message', text(valueOf(rendering['Message'])));
  if (isObject(event['UserData'])) {
    found.userData = event['UserData'];
    mergeLeaves(event['UserData'], found.data);
  }
  return found;
}

/** Sets only what is there: `exactOptionalPropertyTypes` has no undefined. */
export function put<Target extends object, Key extends keyof Target>(target: Target, key: Key, value: Target[Key] | undefined): void {
  if (value !== undefined) target[key] = value;
}

/** The text of an XML element that also has attributes. */
export function valueOf(value: unknown): unknown {
  return isObject(value) && '#text' in value ? value['#text'] : value;
}

function attribute(parent: JsonObject, element: string, name: string): string | undefined {
  const separate = parent[`${element}_attributes`];
  if (isObject(separate)) return text(separate[name]);
  const value = parent[element];
  if (!isObject(value)) return name === 'Name' || name === 'SystemTime' ? text(value) : undefined;
  const attributes = value['#attributes'];
  return text((isObject(attributes) ? attributes : value)[name] ?? value[`@${name}`]);
}

export function keywords(value: unknown): string[] | undefined {
  if (Array.isArray(value)) return value.filter((word) => typeof word === 'string');
  const word = text(value);
  return word === undefined ? undefined : [word];
}

/** EventData as name → value. Elements with attributes, unnamed `Data` and names with spaces are brought to plain keys. */
export function eventData(source: unknown): JsonObject {
  if (!isObject(source)) return {};
  let plain = true;
  for (const key in source) {
    if (typeof source[key] === 'object' || key.includes(' ') || key.charCodeAt(0) === 35) {
      plain = false;
      break;
    }
  }
  if (plain) return source;
  const data: JsonObject = {};
  for (const key of Object.keys(source)) {
    if (key === '#attributes' || key.endsWith('_attributes')) continue;
    if (key === 'Data' && typeof source[key] === 'object') addData(data, source[key]);
    else setField(data, key, valueOf(source[key]));
  }
  return data;
}

/** `Data` elements: named ones become fields of that name, unnamed ones stay under `Data`. */
function addData(data: JsonObject, value: unknown): void {
  const unnamed: unknown[] = [];
  for (const item of Array.isArray(value) ? value : [value]) {
    const attributes = isObject(item) ? item['#attributes'] : undefined;
    const name = isObject(attributes) ? text(attributes['Name']) : undefined;
    if (name === undefined) unnamed.push(valueOf(item));
    else if (!Object.hasOwn(data, name)) setField(data, name, isObject(item) ? (item['#text'] ?? '') : item);
  }
  if (unnamed.length > 0) data['Data'] = unnamed.length === 1 ? unnamed[0] : unnamed;
}

/** Keeps a field under its own name and, when that has spaces, also without them (`Threat Name` → `ThreatName`). */
export function setField(data: JsonObject, name: string, value: unknown): void {
  if (name === '__proto__') return;
  data[name] = value;
  if (name.includes(' ')) {
    const joined = name.replaceAll(' ', '');
    if (joined !== '__proto__' && !Object.hasOwn(data, joined)) data[joined] = value;
  }
}

/** Copies the leaves of UserData under their own names where EventData has none. Depth was checked before. */
export function mergeLeaves(source: JsonObject, data: JsonObject): void {
  for (const key of Object.keys(source)) {
    if (key === '#attributes') continue;
    const value = valueOf(source[key]);
    if (isObject(value)) mergeLeaves(value, data);
    else if (!Object.hasOwn(data, key)) setField(data, key, value);
  }
}
