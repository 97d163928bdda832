/** One entry of `journalctl -o json`: fields are text, null (too large for the export), or arrays of byte values (not UTF-8). */
import { type Draft, type Source, baseName } from './event.ts';
import { type JsonObject, integer, text } from './json.ts';
import { type SyslogMessage, syslogEvent } from './syslog.ts';
import { put } from './windows-record.ts';

export function isJournal(record: JsonObject): boolean {
  return record['__REALTIME_TIMESTAMP'] !== undefined && ('MESSAGE' in record || record['__CURSOR'] !== undefined);
}

export function parseJournal(record: JsonObject, source: Source): Draft {
  const said = (key: string): string | undefined => fieldText(record[key]);
  const microseconds = Number(said('_SOURCE_REALTIME_TIMESTAMP') ?? said('__REALTIME_TIMESTAMP'));
  const read: SyslogMessage = { message: said('MESSAGE') ?? '' };
  if (microseconds > 0 && microseconds < 8.64e18) read.ms = Math.floor(microseconds / 1000);
  put(read, 'host', said('_HOSTNAME'));
  put(read, 'program', said('SYSLOG_IDENTIFIER') ?? said('_COMM'));
  put(read, 'pid', said('SYSLOG_PID') ?? said('_PID'));
  const priority = integer(said('PRIORITY'));
  const facility = integer(said('SYSLOG_FACILITY'));
  if (priority !== undefined && priority >= 0 && priority <= 7) read.priority = ((facility ?? 1) << 3) | priority;
  const event = syslogEvent(read, source);
  event.json = record;
  const parsed = event.winlog !== undefined || event.auditd !== undefined;
  if (!parsed) describeProcess(event, said);
  const unit = said('_SYSTEMD_UNIT');
  if (unit !== undefined) event.service = { name: unit };
  return event;
}

function describeProcess(event: Draft, said: (key: string) => string | undefined): void {
  const process: NonNullable<Draft['process']> = event.process ?? {};
  // What sudo and cron report they run is the process of interest; the journal's own fields are those of the reporter.
  if (process.command_line === undefined) {
    put(process, 'executable', said('_EXE'));
    put(process, 'command_line', said('_CMDLINE'));
    put(process, 'pid', integer(said('_PID')));
    if (process.executable !== undefined) process.name = baseName(process.executable);
  }
  if (Object.keys(process).length > 0) event.process = process;
  const id = said('_UID');
  if (id !== undefined && event.user === undefined) event.user = { id };
}

/** The field as text; a repeated field counts with its first value. */
function fieldText(value: unknown): string | undefined {
  if (!Array.isArray(value)) return text(value);
  if (value.length > 0 && value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255))
    return Buffer.from(value).toString('utf8');
  return value.length > 0 && !Array.isArray(value[0]) ? text(value[0]) : value.length > 0 ? fieldText(value[0]) : undefined;
}
