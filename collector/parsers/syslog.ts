/** RFC 5424, RFC 3164 and the lines syslog daemons write to files (old `Nov 22 03:50:37` and new RFC 3339 times). */
import { type Draft, type Source, draft } from './event.ts';
import { looksLikeAudit, parseAudit } from './auditd.ts';
import { describeProgram } from './auth.ts';
import { calendar, clock, digits, isoToMs, monthOf, withoutYear } from './time.ts';
import { readStructuredData, type StructuredData } from './structured-data.ts';
import { integer } from './json.ts';
import { parseAccess } from './web.ts';
import { parseWindowsXml } from './windows.ts';
import { put } from './windows-record.ts';

/** A syslog message taken apart. */
export interface SyslogMessage {
  priority?: number;
  ms?: number;
  host?: string;
  program?: string;
  pid?: string;
  msgid?: string;
  structured?: StructuredData;
  message: string;
}

export function parseSyslog(line: string, source: Source): Draft | undefined {
  const read = readSyslog(line, source);
  return read === undefined ? undefined : syslogEvent(read, source);
}

/** The event of a message: that of the program behind it where one of our parsers knows it. */
export function syslogEvent(read: SyslogMessage, source: Source): Draft {
  const event = behind(read, source) ?? plain(read, source);
  put(event, 'log', { ...event.log, ...logFields(read) });
  if (read.host !== undefined && event.winlog === undefined) event.host = { ...event.host, name: read.host };
  return event;
}

function behind(read: SyslogMessage, source: Source): Draft | undefined {
  const program = read.program?.toLowerCase() ?? '';
  if (read.message.startsWith('<Event')) return parseWindowsXml(read.message, source);
  if (looksLikeAudit(read.message)) return parseAudit(read.message, source);
  if (program === 'nginx') return parseAccess(read.message, source, 'nginx');
  return program === 'apache2' || program === 'httpd' ? parseAccess(read.message, source, 'apache') : undefined;
}

function plain(read: SyslogMessage, source: Source): Draft {
  const event = draft(source, 'syslog', read.ms);
  event.message = read.message;
  event.host = { ...event.host, os: { type: 'linux' } };
  const pid = integer(read.pid);
  if (read.program !== undefined) describeProgram(event, read.program, read.message);
  if (pid !== undefined || read.program !== undefined) {
    const process: NonNullable<Draft['process']> = event.process ?? {};
    if (process.command_line === undefined) {
      put(process, 'name', read.program);
      put(process, 'pid', pid);
    }
    event.process = process;
  }
  return event;
}

function logFields(read: SyslogMessage): NonNullable<Draft['log']> {
  const syslog: NonNullable<NonNullable<Draft['log']>['syslog']> = {};
  if (read.priority !== undefined) {
    syslog.priority = read.priority;
    syslog.facility = { code: read.priority >> 3 };
    syslog.severity = { code: read.priority & 7 };
  }
  put(syslog, 'appname', read.program);
  put(syslog, 'procid', read.pid);
  put(syslog, 'msgid', read.msgid);
  put(syslog, 'structured_data', read.structured);
  return { syslog };
}

/** The parts of a line, or undefined when it starts like no syslog message. */
export function readSyslog(line: string, source: Source): SyslogMessage | undefined {
  const close = line.startsWith('<') ? line.indexOf('>') : -1;
  const priority = close > 1 && close <= 4 ? digits(line, 1, close - 1) : -1;
  if (line.startsWith('<') && (priority < 0 || priority > 191)) return undefined;
  const body = line.slice(close + 1);
  const read = body.startsWith('1 ') ? rfc5424(body) : rfc3164(body, source);
  if (read !== undefined) {
    if (priority >= 0) read.priority = priority;
    return read;
  }
  // A priority alone is enough: RFC 3164 §4.3.3 lets anything follow it.
  return priority >= 0 ? { priority, message: body } : undefined;
}

/** `1 TIME HOST APP PROCID MSGID SD MSG`; NILVALUE `-` means absent. */
function rfc5424(body: string): SyslogMessage | undefined {
  const words: string[] = [];
  let at = 2;
  while (words.length < 5) {
    const space = body.indexOf(' ', at);
    if (space < 0) return undefined;
    words.push(body.slice(at, space));
    at = space + 1;
  }
  const [time = '-', host = '-', program = '-', pid = '-', msgid = '-'] = words;
  const ms = time === '-' ? undefined : isoToMs(time);
  if (time !== '-' && ms === undefined) return undefined;
  const data = readStructuredData(body, at);
  if (data === undefined) return undefined;
  const rest = body
    .slice(data.end)
    .replace(/^ /, '')
    .replace(/^\uFEFF/, '');
  const read: SyslogMessage = { message: rest };
  put(read, 'ms', ms);
  if (host !== '-') read.host = host;
  if (program !== '-') read.program = program;
  if (pid !== '-') read.pid = pid;
  if (msgid !== '-') read.msgid = msgid;
  if (data.elements !== undefined) read.structured = data.elements;
  return read;
}

/** `TIME HOST TAG[PID]: MSG`, time as `Nov 22 03:50:37` (optionally with a year) or RFC 3339. */
function rfc3164(body: string, source: Source): SyslogMessage | undefined {
  const time = oldTime(body, source) ?? newTime(body, source);
  if (time === undefined) return undefined;
  const space = body.indexOf(' ', time.end + 1);
  const first = body.slice(time.end + 1, space < 0 ? undefined : space);
  // Forwarded without a host name, the tag follows at once.
  const hostless = first.endsWith(':') && !first.includes('.');
  const read = tag(hostless ? body.slice(time.end + 1) : space < 0 ? '' : body.slice(space + 1));
  put(read, 'ms', time.ms);
  if (!hostless && first !== '') read.host = first;
  return read;
}

function oldTime(body: string, source: Source): { ms: number | undefined; end: number } | undefined {
  const month = body[3] === ' ' ? monthOf(body) : 0;
  if (month === 0) return undefined;
  const day = digits(body, body[4] === ' ' ? 5 : 4, body[4] === ' ' ? 1 : 2);
  const year = digits(body, 7, 4);
  const shift = year > 0 && body[11] === ' ' ? 5 : 0;
  const timeMs = clock(body, 7 + shift);
  if (day < 1 || timeMs === undefined) return undefined;
  const end = 15 + shift;
  const midnight = shift > 0 ? calendar(year, month, day) : undefined;
  if (midnight !== undefined) return { ms: midnight + timeMs - source.offset * 60_000, end };
  return { ms: withoutYear({ month, day, timeMs, offset: source.offset }, source.collected), end };
}

function newTime(body: string, source: Source): { ms: number; end: number } | undefined {
  if (body.charCodeAt(4) !== 45) return undefined;
  const end = body.indexOf(' ', 11);
  const ms = end < 0 ? undefined : isoToMs(body.slice(0, end), source.offset);
  return ms === undefined ? undefined : { ms, end };
}

/** `sshd[123]: text`, `kernel: text`, or text without a tag. */
function tag(text: string): SyslogMessage {
  const colon = text.indexOf(': ');
  const head = colon < 0 ? (text.endsWith(':') ? text.slice(0, -1) : '') : text.slice(0, colon);
  if (head === '' || head.length > 128) return { message: text };
  const open = head.indexOf('[');
  const name = open > 0 && head.endsWith(']') ? head.slice(0, open) : head;
  if (name.includes(' ')) return { message: text };
  const read: SyslogMessage = { program: name, message: colon < 0 ? '' : text.slice(colon + 2) };
  if (name !== head) read.pid = head.slice(open + 1, -1);
  return read;
}
