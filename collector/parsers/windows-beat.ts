/** Windows events as Winlogbeat sends them: `winlog.*` (7 and later) and the same names at the top (6). */
import { type JsonObject, integer, isObject, text } from './json.ts';
import { type WindowsRecord, eventData, keywords, mergeLeaves, put } from './windows-record.ts';

export function isBeat(record: JsonObject): boolean {
  const winlog = record['winlog'];
  if (isObject(winlog)) return winlog['event_id'] !== undefined || winlog['channel'] !== undefined || winlog['event_data'] !== undefined;
  return record['event_id'] !== undefined && (record['log_name'] !== undefined || record['source_name'] !== undefined);
}

export function fromBeat(record: JsonObject): WindowsRecord {
  const winlog = isObject(record['winlog']) ? record['winlog'] : record;
  const found: WindowsRecord = { data: eventData(winlog['event_data']) };
  const event = isObject(record['event']) ? record['event'] : {};
  put(found, 'eventId', integer(winlog['event_id']) ?? integer(event['code']));
  put(found, 'channel', text(winlog['channel']) ?? text(winlog['log_name']));
  put(found, 'provider', text(winlog['provider_name']) ?? text(winlog['source_name']));
  put(found, 'providerGuid', text(winlog['provider_guid']));
  put(found, 'computer', text(winlog['computer_name']) ?? hostName(record));
  put(found, 'recordId', integer(winlog['record_id']) ?? integer(winlog['record_number']));
  put(found, 'task', text(winlog['task']));
  put(found, 'opcode', text(winlog['opcode']));
  put(found, 'level', text(winlog['level']) ?? text(isObject(record['log']) ? record['log']['level'] : undefined));
  put(found, 'keywords', keywords(winlog['keywords']));
  put(found, 'time', text(record['@timestamp']));
  put(found, 'message', text(record['message']));
  if (isObject(winlog['user_data'])) {
    found.userData = winlog['user_data'];
    mergeLeaves(found.userData, found.data);
  }
  return found;
}

function hostName(record: JsonObject): string | undefined {
  const host = record['host'];
  return isObject(host) ? (text(host['name']) ?? text(host['hostname'])) : text(host);
}
