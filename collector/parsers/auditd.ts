/**
 * Linux audit records: `type=SYSCALL msg=audit(1652292621.986:84138): key=value …`, as auditd writes them and audisp, the kernel
 * and auoms forward them. Every key=value stays under `auditd.data` with its own name; values auditd wrote in hexadecimal are text again.
 */
import { type Draft, type Source, baseName, draft, endpoint, isAddress } from './event.ts';
import { type JsonObject, integer, text } from './json.ts';
import { put } from './windows-record.ts';

/** Fields auditd writes in hexadecimal when they hold a blank, a quote or a byte outside ASCII. */
const ENCODED: ReadonlySet<string> = new Set('exe comm cwd name path proctitle acct cmd data key dir root_dir vm'.split(' '));
const MAX_FIELDS = 4_096;

export interface AuditFields {
  readonly type: string;
  readonly ms: number | undefined;
  readonly sequence: number | undefined;
  readonly node: string | undefined;
  readonly data: JsonObject;
}

/** Cheap test before the work: an audit record names its type or its stamp in front. */
export function looksLikeAudit(line: string): boolean {
  return (
    line.startsWith('type=') ||
    line.startsWith('audit(') ||
    (line.startsWith('node=') && line.includes(' type=')) ||
    line.startsWith('audit: ')
  );
}

export function parseAudit(line: string, source: Source): Draft | undefined {
  const fields = readAudit(line);
  if (fields === undefined) return undefined;
  const event = draft(source, 'auditd', fields.ms);
  if (fields.node !== undefined) event.host = { name: fields.node };
  event.host = { ...event.host, os: { type: 'linux' } };
  event.event.dataset = 'auditd.log';
  event.auditd = { message_type: fields.type.toLowerCase(), data: fields.data };
  put(event.auditd, 'sequence', fields.sequence);
  put(event.auditd, 'session', text(fields.data['ses']));
  event.message = line;
  describe(event, fields);
  return event;
}

/** Splits `node=… type=T msg=audit(S.mmm:N): …`, `audit: type=…` and auoms' `type=T audit(S.mmm:N): …`. */
export function readAudit(line: string): AuditFields | undefined {
  const open = line.indexOf('audit(');
  const close = open < 0 ? -1 : line.indexOf(')', open);
  if (close < 0 || close - open > 48) return undefined;
  const head = pairs(line.slice(line.startsWith('audit: ') ? 7 : 0, open), '');
  const stamp = line.slice(open + 6, close);
  const colon = stamp.lastIndexOf(':');
  const seconds = Number(stamp.slice(0, colon));
  const body = line.slice(line[close + 1] === ':' ? close + 2 : close + 1);
  const kind = text(head['type']) ?? '';
  const data: JsonObject = { type: kind };
  const read = pairs(body, kind);
  for (const key of Object.keys(read)) if (key !== 'type') data[key] = read[key];
  inner(data);
  joinArguments(data, kind);
  return {
    type: kind,
    ms: colon > 0 && Number.isFinite(seconds) ? Math.floor(Math.round(seconds * 1e6) / 1e3) : undefined,
    sequence: integer(stamp.slice(colon + 1)),
    node: text(head['node']) ?? text(read['node']),
    data,
  };
}

/** key=value pairs. A value is quoted, in brackets (auoms), or runs to the next ` key=` when the writer did not quote it. */
function pairs(source: string, kind: string): JsonObject {
  const found: JsonObject = {};
  let at = 0;
  for (let count = 0; at < source.length && count < MAX_FIELDS; count++) {
    while (at < source.length && isBreak(source.charCodeAt(at))) at++;
    const equals = source.indexOf('=', at);
    if (equals < 0) break;
    const before = source.slice(at, equals);
    const key = before.slice(before.lastIndexOf(' ') + 1);
    const fresh = key !== '' && key !== '__proto__' && !Object.hasOwn(found, key);
    // auoms writes the decoded command line without quotes; only the first one is looked at, so that the whole stays linear.
    const open = fresh && key === 'proctitle' && kind.startsWith('AUOMS') ? source.indexOf(' redactors=', equals) : -1;
    const end = open >= 0 ? open : valueEnd(source, equals + 1);
    if (fresh) found[key] = valueText(source.slice(equals + 1, end), key, kind);
    at = end;
  }
  return found;
}

/** Blank, or the group separator auditd puts before its enriched fields. */
function isBreak(code: number): boolean {
  return code === 32 || code === 29 || code === 10 || code === 13 || code === 9;
}

function valueEnd(source: string, start: number): number {
  const first = source[start];
  if (first === '"' || first === "'") {
    const close = source.indexOf(first, start + 1);
    return close < 0 ? source.length : close + 1;
  }
  if (first === '[') {
    const close = source.indexOf('"] ', start);
    return close < 0 ? source.length : close + 2;
  }
  let at = start;
  while (at < source.length && !isBreak(source.charCodeAt(at))) at++;
  return at;
}

function valueText(value: string, key: string, kind: string): string {
  const first = value[0];
  if (first === '"' || first === "'") return value.slice(1, value.at(-1) === first && value.length > 1 ? -1 : undefined);
  return isEncoded(key, kind) && value.length > 1 ? (fromHex(value) ?? value) : value;
}

function isEncoded(key: string, kind: string): boolean {
  if (ENCODED.has(key)) return true;
  // In EXECVE a0, a1, a1[0] are arguments; in SYSCALL a0…a3 are numbers and stay as they are.
  return kind === 'EXECVE' && key.charCodeAt(0) === 97 && key.charCodeAt(1) >= 48 && key.charCodeAt(1) <= 57 && !key.endsWith('_len');
}

/** Even-length hexadecimal → text, NUL between arguments becoming a blank. Lower case is never auditd's. */
export function fromHex(value: string): string | undefined {
  if (value.length % 2 !== 0) return undefined;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (!((code >= 48 && code <= 57) || (code >= 65 && code <= 70))) return undefined;
  }
  let bytes = Buffer.from(value, 'hex');
  while (bytes.at(-1) === 0) bytes = bytes.subarray(0, -1);
  return bytes.toString('utf8').replaceAll('\0', ' ');
}

/** User-space records carry a second list in `msg='…'`: its fields join the outer ones. */
function inner(data: JsonObject): void {
  const message = text(data['msg']);
  if (message === undefined || !message.includes('=')) return;
  const read = pairs(message, '');
  for (const key of Object.keys(read)) if (!Object.hasOwn(data, key)) data[key] = read[key];
}

/** Long arguments come in pieces (`a1[0]`, `a1[1]`): put together under `a1`. */
function joinArguments(data: JsonObject, kind: string): void {
  if (kind !== 'EXECVE') return;
  const joined: JsonObject = {};
  for (const key of Object.keys(data)) {
    const bracket = key.indexOf('[');
    if (bracket <= 1 || !key.endsWith(']')) continue;
    const name = key.slice(0, bracket);
    joined[name] = `${text(joined[name]) ?? ''}${text(data[key]) ?? ''}`;
  }
  for (const key of Object.keys(joined)) data[key] = joined[key];
}

function describe(event: Draft, { type, data }: AuditFields): void {
  const said = (key: string): string | undefined => {
    const value = text(data[key]);
    return value === undefined || value === '?' || value === '(none)' || value === '(null)' ? undefined : value;
  };
  event.event.action = type.toLowerCase();
  const result = said('res') ?? said('success') ?? said('result');
  if (result !== undefined) event.event.outcome = /^(yes|success|1)$/.test(result) ? 'success' : 'failure';
  const process: NonNullable<Draft['process']> = {};
  put(process, 'executable', said('exe'));
  put(process, 'name', said('comm') ?? (process.executable === undefined ? undefined : baseName(process.executable)));
  put(process, 'pid', integer(data['pid']));
  put(process, 'working_directory', said('cwd'));
  put(process, 'command_line', said('proctitle') ?? said('cmdline') ?? said('cmd') ?? commandLine(data, type));
  const parent = integer(data['ppid']);
  if (parent !== undefined) process.parent = { pid: parent };
  if (Object.keys(process).length > 0) event.process = process;
  people(event, data, said);
  const path = type === 'PATH' || type.startsWith('AUOMS') ? said('name') : undefined;
  if (path !== undefined) event.file = { path, name: baseName(path) };
  const address = said('addr') ?? said('hostname');
  if (address !== undefined) put(event, 'source', endpoint(isAddress(said('hostname') ?? '') ? said('hostname') : address));
  if (type === 'EXECVE' || type === 'AUOMS_EXECVE' || said('SYSCALL') === 'execve') {
    event.event.category = ['process'];
    event.event.type = ['start'];
  } else if (type === 'USER_LOGIN' || type === 'USER_AUTH') event.event.category = ['authentication'];
}

function people(event: Draft, data: JsonObject, said: (key: string) => string | undefined): void {
  const id = said('auid') === '4294967295' ? said('uid') : (said('auid') ?? said('uid'));
  const name = said('acct') ?? said('AUID') ?? said('user') ?? said('UID');
  if (id === undefined && name === undefined) return;
  event.user = {};
  put(event.user, 'id', id);
  put(event.user, 'name', name === 'unset' ? said('UID') : name);
  const effective = text(data['euid']);
  if (effective !== undefined) event.user.effective = { id: effective };
}

function commandLine(data: JsonObject, type: string): string | undefined {
  if (type !== 'EXECVE') return undefined;
  const words: string[] = [];
  for (let i = 0; i < MAX_FIELDS; i++) {
    const word = data[`a${i}`];
    if (typeof word !== 'string') break;
    words.push(word);
  }
  return words.length === 0 ? undefined : words.join(' ');
}
