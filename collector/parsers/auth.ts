/** What sshd, sudo, su and cron say in the system's log. Searches from the end where a name chosen by an attacker could stand in between. */
import { type Draft, baseName, endpoint } from './event.ts';
import { integer } from './json.ts';
import { put } from './windows-record.ts';

/** Fills the event from the message of a program it knows; the module it belongs to. */
export function describeProgram(event: Draft, program: string, message: string): void {
  const name = baseName(program).toLowerCase();
  if (name === 'sshd' || name.startsWith('sshd-')) sshd(event, message);
  else if (name === 'sudo') sudo(event, message);
  else if (name === 'su' || name.startsWith('su:')) su(event, message);
  else if (name === 'cron' || name === 'crond' || name === 'anacron') cron(event, message);
}

function authentication(event: Draft, action: string, outcome?: 'success' | 'failure'): void {
  event.event.category = ['authentication'];
  event.event.type = [action === 'session-closed' ? 'end' : outcome === undefined ? 'info' : 'start'];
  event.event.action = action;
  if (outcome !== undefined) event.event.outcome = outcome;
}

function sshd(event: Draft, message: string): void {
  event.event.module = 'sshd';
  event.event.dataset = 'system.auth';
  const accepted = message.startsWith('Accepted ');
  const failed = message.startsWith('Failed ');
  if (accepted || failed) {
    authentication(event, 'ssh_login', accepted ? 'success' : 'failure');
    const start = message.indexOf(' for ');
    if (start > 0) person(event, message.slice(start + 5));
  } else if (message.startsWith('Invalid user ')) {
    authentication(event, 'ssh_login', 'failure');
    person(event, message.slice(13));
  } else if (message.startsWith('pam_unix(')) session(event, message);
  else person(event, message.slice(Math.max(0, message.indexOf(' user ') + 6)), false);
}

/** `[invalid user ]NAME from ADDRESS port N[ ssh2…]`: the last ` from ` counts, the name before it is the client's own choice. */
function person(event: Draft, rest: string, named = true): void {
  const from = rest.lastIndexOf(' from ');
  const tail = (from < 0 ? rest : rest.slice(from + 6)).split(' ', 8);
  if (from >= 0 || named) {
    const said = from < 0 ? rest : rest.slice(0, from);
    const name = said.startsWith('invalid user ') ? said.slice(13) : said;
    if (named && name !== '') event.user = { ...event.user, name };
  }
  const port = tail.indexOf('port');
  if (from >= 0) put(event, 'source', endpoint(tail[0], port > 0 ? integer(tail[port + 1]) : undefined));
}

/** `pam_unix(sshd:session): session opened for user NAME(uid=N) by …` and its failures with `key=value`. */
function session(event: Draft, message: string): void {
  const opened = message.includes('session opened for user ');
  const closed = message.includes('session closed for user ');
  if (opened || closed) {
    authentication(event, opened ? 'session-opened' : 'session-closed', opened ? 'success' : undefined);
    const start = message.indexOf(' for user ') + 10;
    const rest = message.slice(start);
    const end = rest.search(/[ (]/);
    event.user = { ...event.user, name: end < 0 ? rest : rest.slice(0, end) };
  } else if (message.includes('authentication failure')) {
    authentication(event, 'authentication-failure', 'failure');
    const user = after(message, ' user=') ?? after(message, ' ruser=');
    if (user !== undefined) event.user = { ...event.user, name: user };
    put(event, 'source', endpoint(after(message, ' rhost=')));
  }
}

function after(message: string, key: string): string | undefined {
  const at = message.lastIndexOf(key);
  if (at < 0) return undefined;
  const start = at + key.length;
  const end = message.indexOf(' ', start);
  const value = message.slice(start, end < 0 ? undefined : end).replace(/;$/, '');
  return value === '' ? undefined : value;
}

/** `USER : [reason ; ]TTY=… ; PWD=… ; USER=root ; COMMAND=…` */
function sudo(event: Draft, message: string): void {
  event.event.module = 'sudo';
  event.event.dataset = 'system.auth';
  if (message.startsWith('pam_unix(')) {
    session(event, message);
    return;
  }
  const colon = message.indexOf(' : ');
  if (colon <= 0) return;
  event.user = { name: message.slice(0, colon).trim() };
  const command = message.indexOf('COMMAND=', colon);
  const head = message.slice(colon + 3, command < 0 ? undefined : command);
  const process: NonNullable<Draft['process']> = {};
  if (command >= 0) {
    process.command_line = message.slice(command + 8);
    process.executable = process.command_line.split(' ', 1)[0] ?? '';
    process.name = baseName(process.executable);
  }
  for (const part of head.split(' ; ', 32)) {
    if (part.startsWith('PWD=')) process.working_directory = part.slice(4).trim();
    else if (part.startsWith('USER=')) event.user.effective = { name: part.slice(5).trim() };
  }
  if (Object.keys(process).length > 0) event.process = process;
  const refused = /incorrect password|NOT in sudoers|command not allowed|a password is required|authentication failure/.test(head);
  event.event.category = ['process'];
  event.event.type = ['start'];
  event.event.action = 'sudo-command';
  event.event.outcome = refused ? 'failure' : 'success';
}

/** `(to root) alice on pts/0`, `FAILED SU (to root) alice on pts/0`, `Successful su for root by alice`. */
function su(event: Draft, message: string): void {
  event.event.module = 'su';
  event.event.dataset = 'system.auth';
  if (message.startsWith('pam_unix(')) {
    session(event, message);
    return;
  }
  const failed = message.startsWith('FAILED') || message.startsWith('- ');
  const to = message.indexOf('(to ');
  const by = message.lastIndexOf(' by ');
  const target = to >= 0 ? message.slice(to + 4, message.indexOf(')', to)) : after(message, ' for ');
  const rest = to >= 0 ? message.slice(message.indexOf(')', to) + 2).split(' ', 1)[0] : by >= 0 ? message.slice(by + 4) : undefined;
  if (target === undefined || rest === undefined || rest === '') return;
  authentication(event, 'su', failed ? 'failure' : 'success');
  event.user = { name: rest, effective: { name: target } };
}

/** `(root) CMD (run-parts /etc/cron.hourly)` */
function cron(event: Draft, message: string): void {
  event.event.module = 'cron';
  event.event.dataset = 'system.cron';
  if (message.startsWith('pam_unix(')) {
    session(event, message);
    return;
  }
  const close = message.indexOf(') ');
  if (!message.startsWith('(') || close < 0) return;
  event.user = { name: message.slice(1, close) };
  const rest = message.slice(close + 2);
  const open = rest.indexOf(' (');
  event.event.action = (open < 0 ? rest : rest.slice(0, open)).toLowerCase().slice(0, 64);
  if (!rest.startsWith('CMD (')) return;
  const command = rest.slice(5, rest.endsWith(')') ? -1 : undefined).trim();
  event.process = { command_line: command, executable: command.split(' ', 1)[0] ?? '' };
  event.event.category = ['process'];
  event.event.type = ['start'];
}
