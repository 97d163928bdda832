/** Access logs of nginx and Apache: common and combined, with or without the virtual host in front; nginx's and Apache's error logs. */
import { type Draft, type Source, draft, endpoint } from './event.ts';
import { integer } from './json.ts';
import { put } from './windows-record.ts';
import { calendar, clock, digits, isoToMs, monthOf, zoneMinutes } from './time.ts';

type WebModule = 'nginx' | 'apache';

interface AccessLine {
  client: string;
  vhost?: string;
  user: string;
  ms: number;
  request: string;
  rest: string;
}

/** `CLIENT IDENT USER [10/Oct/2000:13:55:36 -0700] "REQUEST" STATUS BYTES ["REFERRER" "AGENT"]` */
export function parseAccess(line: string, source: Source, module: WebModule): Draft | undefined {
  const read = split(line);
  if (read === undefined) return undefined;
  const [status = '', bytes = ''] = read.rest.trimStart().split(' ', 2);
  if (status.length !== 3 || digits(status, 0, 3) < 0) return undefined;
  const event = draft(source, module, read.ms);
  event.event.dataset = `${module}.access`;
  event.event.category = ['web'];
  event.event.type = ['access'];
  const code = Number(status);
  event.event.outcome = code < 400 ? 'success' : 'failure';
  put(event, 'source', endpoint(read.client));
  if (read.user !== '-') event.user = { name: read.user };
  event.http = { response: { status_code: code } };
  if (event.http.response !== undefined && integer(bytes) !== undefined) event.http.response.body = { bytes: Number(bytes) };
  request(event, read);
  const [referrer, agent] = quoted(read.rest, 2);
  if (referrer !== undefined && referrer !== '-') event.http.request = { ...event.http.request, referrer };
  if (agent !== undefined && agent !== '-') event.user_agent = { original: agent };
  event.message = line;
  return event;
}

function split(line: string): AccessLine | undefined {
  const open = line.indexOf(' [');
  const close = line.indexOf('] "', open);
  if (open <= 0 || close < 0 || close - open > 40) return undefined;
  const head = line.slice(0, open).split(' ', 6);
  if (head.length < 3) return undefined;
  const shift = head.length > 3 && (head[0] ?? '').includes(':') && (head[2] ?? '') === '-' ? 1 : 0;
  const ms = stamp(line.slice(open + 2, close));
  const end = endOfQuoted(line, close + 2);
  if (ms === undefined || end < 0) return undefined;
  const read: AccessLine = {
    client: head[shift] ?? '',
    user: head.slice(shift + 2).join(' '),
    ms,
    request: unescape(line.slice(close + 3, end)),
    rest: line.slice(end + 1),
  };
  if (shift === 1) read.vhost = head[0] ?? '';
  return read;
}

/** Index of the closing quote of the text opened at `open`; `\"` inside does not close it. */
function endOfQuoted(line: string, open: number): number {
  for (let at = open + 1; at < line.length; at++) {
    const char = line.charCodeAt(at);
    if (char === 92) at++;
    else if (char === 34) return at;
  }
  return -1;
}

function quoted(text: string, count: number): string[] {
  const found: string[] = [];
  let at = text.indexOf('"');
  while (at >= 0 && found.length < count) {
    const end = endOfQuoted(text, at);
    if (end < 0) break;
    found.push(unescape(text.slice(at + 1, end)));
    at = text.indexOf('"', end + 1);
  }
  return found;
}

/** Undoes `\"` and `\\`; `\xNN` stays as the server wrote it, since rules look for it. */
function unescape(text: string): string {
  return text.includes('\\') ? text.replace(/\\(["\\])/g, '$1') : text;
}

/** `10/Oct/2000:13:55:36 -0700` */
function stamp(text: string): number | undefined {
  const day = calendar(digits(text, 7, 4), monthOf(text.slice(3, 6)), digits(text, 0, 2));
  const time = clock(text, 12);
  const zone = zoneMinutes(text, 20);
  if (day === undefined || time === undefined || zone === undefined) return undefined;
  return day + time - (zone === 'none' ? 0 : zone) * 60_000;
}

function request(event: Draft, read: AccessLine): void {
  const first = read.request.indexOf(' ');
  const last = read.request.lastIndexOf(' ');
  const version = read.request.slice(last + 1);
  const complete = first > 0 && version.startsWith('HTTP/');
  const target = complete ? read.request.slice(first + 1, Math.max(first + 1, last)) : read.request;
  if (complete) {
    event.http = { ...event.http, version: version.slice(5), request: { method: read.request.slice(0, first) } };
  }
  event.url = { original: target };
  const query = target.indexOf('?');
  event.url.path = query < 0 ? target : target.slice(0, query);
  if (query >= 0) event.url.query = target.slice(query + 1);
  if (read.vhost !== undefined) event.url.domain = read.vhost.slice(0, Math.max(0, read.vhost.lastIndexOf(':'))) || read.vhost;
}

/** `2026/11/22 03:50:37 [error] 12#12: *1 …, client: 1.2.3.4, server: …` (nginx) and `[Sun Nov 22 …] [mod:level] …` (Apache). */
export function parseWebError(line: string, source: Source, module: WebModule): Draft | undefined {
  const nginx = line[4] === '/' && line[7] === '/' && line.slice(19, 21) === ' [';
  const apache = line.startsWith('[') && monthOf(line.slice(5, 8)) > 0 && line.includes('] [');
  if (!nginx && !apache) return undefined;
  const event = draft(source, module, nginx ? nginxTime(line, source.offset) : apacheTime(line, source.offset));
  event.event.dataset = `${module}.error`;
  event.event.category = ['web'];
  event.event.type = ['error'];
  const client = nginx ? between(line, ', client: ', ',') : between(line, '[client ', ']');
  put(event, 'source', client === undefined ? undefined : clientOf(client));
  const level = nginx ? between(line, ' [', ']') : between(line, '] [', ']');
  if (level !== undefined) event.log = { level: level.slice(level.indexOf(':') + 1) };
  event.message = line;
  return event;
}

function nginxTime(line: string, offset: number): number | undefined {
  return isoToMs(line.slice(0, 19).replaceAll('/', '-'), offset);
}

/** `[Sun Nov 22 03:50:37.123456 2026]` */
function apacheTime(line: string, offset: number): number | undefined {
  const close = line.indexOf(']');
  const day = calendar(digits(line, close - 4, 4), monthOf(line.slice(5, 8)), digits(line.slice(9, 11).trim().padStart(2, '0'), 0, 2));
  const time = clock(line, 12);
  return day === undefined || time === undefined ? undefined : day + time - offset * 60_000;
}

function clientOf(client: string): ReturnType<typeof endpoint> {
  const colon = client.lastIndexOf(':');
  const port = colon > 0 && client.indexOf(':') === colon ? integer(client.slice(colon + 1)) : undefined;
  return endpoint(port === undefined ? client : client.slice(0, colon), port);
}

function between(line: string, start: string, end: string): string | undefined {
  const from = line.indexOf(start);
  if (from < 0) return undefined;
  const to = line.indexOf(end, from + start.length);
  return line.slice(from + start.length, to < 0 ? undefined : to);
}
