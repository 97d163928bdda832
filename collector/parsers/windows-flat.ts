/** Windows events with every field at the top: NXLog, the Azure tables `SecurityEvent` and `WindowsEvent`, and plain exports. */
import { type JsonObject, deeperThan, integer, isObject, parseObject, text } from './json.ts';
import { isoToMs } from './time.ts';
import { type WindowsRecord, eventData, fromNested, keywords, mergeLeaves, put, setField } from './windows-record.ts';
import { parseXml } from './xml.ts';
import { LIMITS } from '../contracts.ts';

const QUARTER_HOUR = 900_000;

/** Keys that describe the record and not what happened. Everything else is event data. */
const SYSTEM_KEYS: ReadonlySet<string> = new Set(
  (
    'EventID Channel Hostname Computer SourceName Provider Provider_Name ProviderGuid Provider_Guid Message EventTime EventReceivedTime ' +
    '@timestamp @version TimeCreated SystemTime SourceModuleName SourceModuleType SeverityValue Severity Opcode OpcodeValue Keywords Level ' +
    'Task RecordNumber EventRecordID ExecutionProcessID ExecutionThreadID ThreadID host port tags EventTypeOrignal ActivityID ' +
    'RelatedActivityID Category ERROR_EVT_UNRESOLVED Correlation ls_product ls_service ls_category UserData EventData EventData_dynamic'
  ).split(' '),
);
/** Further ones of Azure's tables, recognised by `ManagementGroupName` or `_ResourceId`. */
const AZURE_KEYS: ReadonlySet<string> = new Set(
  (
    'TenantId SourceSystem TimeGenerated TimeCollected EventSourceName EventLevel EventLevelName Activity SourceComputerId EventOriginId ' +
    'MG ManagementGroupName Type _ResourceId'
  ).split(' '),
);
/** NXLog's own use of `EventType`; any other value is Sysmon's field of that name. */
const OUTCOME_TYPES: ReadonlySet<unknown> = new Set(['INFO', 'WARNING', 'ERROR', 'CRITICAL', 'VERBOSE', 'AUDIT_SUCCESS', 'AUDIT_FAILURE']);

/** True for an object that names an event of Windows in this shape. */
export function isFlat(record: JsonObject): boolean {
  if (record['EventID'] === undefined) {
    return record['Channel'] !== undefined && record['Hostname'] !== undefined && record['TimeCreated'] !== undefined;
  }
  return (
    record['Channel'] !== undefined ||
    record['Provider_Name'] !== undefined ||
    record['SourceName'] !== undefined ||
    record['Provider'] !== undefined ||
    record['EventSourceName'] !== undefined ||
    record['Computer'] !== undefined ||
    record['Hostname'] !== undefined
  );
}

export function fromFlat(record: JsonObject): WindowsRecord {
  const azure = record['ManagementGroupName'] !== undefined || record['_ResourceId'] !== undefined;
  const named = text(record['Provider_Name']);
  const found: WindowsRecord = { data: {} };
  collect(record, found.data, { azure, sourceName: named !== undefined });
  put(found, 'eventId', integer(record['EventID']));
  put(found, 'channel', text(record['Channel']));
  put(found, 'provider', named ?? text(record['SourceName']) ?? text(record['Provider']) ?? text(record['EventSourceName']));
  put(found, 'providerGuid', text(record['ProviderGuid']) ?? text(record['Provider_Guid']));
  put(found, 'computer', text(record['Hostname']) ?? text(record['Computer']));
  put(found, 'recordId', integer(record['EventRecordID']) ?? integer(record['RecordNumber']));
  put(found, 'task', text(record['Task']));
  put(found, 'opcode', text(record['OpcodeValue']) ?? text(record['Opcode']));
  put(found, 'level', text(record['Level']) ?? text(record['EventLevel']));
  put(found, 'keywords', keywordsOf(record));
  put(found, 'message', text(record['Message']));
  embedded(record, found);
  times(record, found);
  return found;
}

function collect(record: JsonObject, data: JsonObject, keep: { azure: boolean; sourceName: boolean }): void {
  for (const key in record) {
    if (SYSTEM_KEYS.has(key)) {
      if (key !== 'SourceName' || !keep.sourceName) continue;
    } else if (keep.azure && AZURE_KEYS.has(key)) continue;
    const value = record[key];
    if (key === 'EventType' && OUTCOME_TYPES.has(value)) continue;
    if (key.includes(' ')) setField(data, key, value);
    else data[key] = value;
  }
}

function keywordsOf(record: JsonObject): string[] | undefined {
  const type = record['EventType'];
  if (type === 'AUDIT_FAILURE') return ['0x8010000000000000'];
  if (type === 'AUDIT_SUCCESS') return ['0x8020000000000000'];
  return keywords(record['Keywords']);
}

/** `EventData` as an object, as JSON text or as XML text; `EventData_dynamic`, a list without names. */
function embedded(record: JsonObject, found: WindowsRecord): void {
  const given = record['EventData'];
  if (isObject(given)) Object.assign(found.data, eventData(given));
  else if (typeof given === 'string' && given !== '' && !deeperThan(given, LIMITS.jsonDepth)) {
    const parsed = given.trimStart().startsWith('<') ? xmlData(given) : eventData(parseObject(given));
    for (const key of Object.keys(parsed)) setField(found.data, key, parsed[key]);
  }
  const list = record['EventData_dynamic'];
  if (list !== undefined) found.data['Data'] = list;
  if (isObject(record['UserData'])) {
    found.userData = record['UserData'];
    mergeLeaves(found.userData, found.data);
  }
}

function xmlData(xml: string): JsonObject {
  const parsed = parseXml(xml)?.value;
  if (parsed === undefined) return {};
  if (isObject(parsed['Event'])) return fromNested(parsed)?.data ?? {};
  return eventData(parsed['EventData'] ?? parsed['UserData']);
}

/** A field that says its zone wins; a local one is set right by what the forwarder wrote in both zones on receipt. */
function times(record: JsonObject, found: WindowsRecord): void {
  const created = text(record['SystemTime']) ?? text(record['TimeCreated']);
  if (created !== undefined && created.endsWith('Z')) {
    found.time = created;
    return;
  }
  const local = isoToMs(text(record['EventTime']) ?? '');
  const received = isoToMs(text(record['EventReceivedTime']) ?? '');
  const stamped = isoToMs(text(record['@timestamp']) ?? '');
  if (local !== undefined && received !== undefined && stamped !== undefined) {
    found.timeMs = local + Math.round((stamped - received) / QUARTER_HOUR) * QUARTER_HOUR;
  } else put(found, 'timeMs', stamped);
  put(found, 'time', created ?? text(record['EventTime']) ?? text(record['TimeGenerated']));
}
