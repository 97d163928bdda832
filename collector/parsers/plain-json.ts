/** JSON records that are none of the known shapes: the record's own keys stay under `json`, and what is obvious becomes ECS. */
import { describeCloud } from './cloud.ts';
import { type Draft, type Source, draft } from './event.ts';
import { type JsonObject, isObject, text } from './json.ts';
import { keepOwnFields } from './own-fields.ts';
import { type SyslogMessage, syslogEvent } from './syslog.ts';
import { anyToMs } from './time.ts';
import { put } from './windows-record.ts';

/** Where records keep their time, most telling first. */
const TIME_KEYS = [
  'eventTime', '@timestamp', 'timestamp', 'time', 'TimeGenerated', 'CreationTime', 'published', 'requestReceivedTimestamp',
  'created_at', 'ts', 'datetime', 'date',
] as const; // prettier-ignore

export function parsePlainJson(record: JsonObject, source: Source): Draft {
  if (typeof record['SyslogMessage'] === 'string') return forwardedSyslog(record, record['SyslogMessage'], source);
  const event = draft(source, 'json', happened(record, source.offset));
  event.json = record;
  put(event, 'message', text(record['message']) ?? text(record['msg']) ?? text(record['Message']));
  const host = hostOf(record);
  if (host !== undefined) event.host = { name: host };
  describeCloud(event, record);
  // The same names mean something else in a record of a cloud service.
  const ecs = event.event.module === 'json' && (isObject(record['ecs']) || isObject(record['event']));
  return ecs ? keepOwnFields(event, record) : event;
}

/** Azure's table `Syslog`, as its agent forwards it. */
function forwardedSyslog(record: JsonObject, message: string, source: Source): Draft {
  const read: SyslogMessage = { message };
  put(read, 'ms', anyToMs(record['EventTime'], source.offset) ?? anyToMs(record['TimeGenerated'], source.offset));
  put(read, 'host', text(record['HostName']) ?? text(record['Computer']));
  put(read, 'program', text(record['ProcessName']));
  put(read, 'pid', text(record['ProcessID']));
  const event = syslogEvent(read, source);
  if (event.winlog === undefined) event.json = record;
  return event;
}

function happened(record: JsonObject, offset: number): number | undefined {
  for (const key of TIME_KEYS) {
    const ms = anyToMs(record[key], offset);
    if (ms !== undefined) return ms;
  }
  return undefined;
}

function hostOf(record: JsonObject): string | undefined {
  const host = record['host'];
  return isObject(host)
    ? (text(host['name']) ?? text(host['hostname']))
    : (text(host) ?? text(record['hostname']) ?? text(record['Computer']));
}
