/** Windows events, Sysmon among them → ECS. The original fields stay, by name and spelling, under `winlog.event_data`. */
import { type Draft, type Source, draft } from './event.ts';
import { type JsonObject, isObject, text } from './json.ts';
import { keepOwnFields } from './own-fields.ts';
import { anyToMs, isoToMs } from './time.ts';
import { describeSecurity } from './windows-security.ts';
import { describeSysmon } from './windows-sysmon.ts';
import { fromFlat, isFlat } from './windows-flat.ts';
import { type WindowsRecord, fromNested, put } from './windows-record.ts';
import { fromBeat, isBeat } from './windows-beat.ts';
import { parseXml } from './xml.ts';

/** The event, when the object is one of the shapes Windows events are written in. */
export function parseWindows(record: JsonObject, source: Source): Draft | undefined {
  if (record['Event'] !== undefined) {
    const nested = fromNested(record);
    if (nested !== undefined) return toEvent(nested, source);
  }
  if (isBeat(record)) return keepOwnFields(toEvent(fromBeat(record), source), record);
  return isFlat(record) ? toEvent(fromFlat(record), source) : undefined;
}

/** The event in XML, as `wevtutil` and Sysmon for Linux write it; one cut short keeps what it has and the tag `truncated`. */
export function parseWindowsXml(xml: string, source: Source): Draft | undefined {
  const parsed = parseXml(xml);
  const record = parsed === undefined ? undefined : fromNested(parsed.value);
  if (parsed === undefined || record === undefined) return undefined;
  const event = toEvent(record, source);
  if (parsed.truncated) event.tags = [...(event.tags ?? []), 'truncated'];
  return event;
}

function toEvent(record: WindowsRecord, source: Source): Draft {
  const provider = record.provider ?? '';
  const linux = provider === 'Linux-Sysmon';
  const sysmon = linux || provider === 'Microsoft-Windows-Sysmon' || (record.channel ?? '').startsWith('Microsoft-Windows-Sysmon');
  const event = draft(source, linux ? 'sysmon_linux' : sysmon ? 'sysmon' : 'windows', happened(record, sysmon));
  if (record.eventId !== undefined) event.event.code = String(record.eventId);
  put(event.event, 'provider', record.provider);
  put(event.event, 'dataset', dataset(record, sysmon, linux));
  put(event, 'message', record.message);
  event.host = { ...event.host, os: { type: linux ? 'linux' : 'windows' } };
  put(event.host, 'name', record.computer);
  event.winlog = winlog(record);
  if (sysmon) describeSysmon(event, record.eventId ?? 0, record.data);
  else describeSecurity(event, record);
  return event;
}

function happened(record: WindowsRecord, sysmon: boolean): number | undefined {
  const system = record.timeMs ?? anyToMs(record.time);
  if (system !== undefined && record.timeMs === undefined && record.time?.endsWith('Z') === true) return system;
  // Sysmon's own field is in UTC whatever the zone of the machine; a time without a zone is not.
  const utc = sysmon ? text(record.data['UtcTime']) : undefined;
  return (utc === undefined ? undefined : isoToMs(utc)) ?? system;
}

function dataset(record: WindowsRecord, sysmon: boolean, linux: boolean): string | undefined {
  if (sysmon) return linux ? 'sysmon_linux.operational' : 'windows.sysmon_operational';
  switch (record.channel) {
    case 'Security':
      return 'system.security';
    case 'System':
      return 'system.system';
    case 'Application':
      return 'system.application';
    case 'Windows PowerShell':
      return 'windows.powershell';
    case 'Microsoft-Windows-PowerShell/Operational':
      return 'windows.powershell_operational';
    default:
      return record.channel === undefined ? undefined : 'winlog.winlog';
  }
}

function winlog(record: WindowsRecord): NonNullable<Draft['winlog']> {
  const log: NonNullable<Draft['winlog']> = { event_data: record.data };
  put(log, 'channel', record.channel);
  put(log, 'provider_name', record.provider);
  put(log, 'provider_guid', record.providerGuid);
  put(log, 'event_id', record.eventId);
  put(log, 'computer_name', record.computer);
  put(log, 'record_id', record.recordId);
  put(log, 'task', record.task);
  put(log, 'opcode', record.opcode);
  put(log, 'level', record.level);
  put(log, 'keywords', record.keywords);
  if (record.userData !== undefined && isObject(record.userData)) log.user_data = record.userData;
  return log;
}
