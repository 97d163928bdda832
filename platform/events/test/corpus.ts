/** Events that hold what queries trip over: Vietnamese, paths, addresses, lists, numbers as text, dotted keys, control characters. */
import type { EcsEvent } from '../ecs.ts';

export const START = Date.UTC(2026, 10, 20);

const HOSTS = ['DC01.bo-a.gov.vn', 'ws-07', 'Máy-Chủ-Đà-Nẵng', 'web_01', 'WEB-01'];
const USERS = ['Administrator', 'nguyễn văn Đức', 'nguyen van duc', 'SYSTEM', 'O\'Brien "bob"', 'ΑΣ', 'İstanbul'];
const COMMANDS = [
  'C:\\Windows\\System32\\cmd.exe /c whoami',
  'powershell -enc SQBFAFgA 100% _safe_',
  'certutil.exe -urlcache -f http://x.vn/a*b',
  '/usr/bin/curl -s https://ví-dụ.vn',
];
const ADDRESSES = [
  '10.0.0.5',
  '10.1.2.3',
  '192.168.1.77',
  '203.113.0.1',
  '2001:db8::1',
  '2001:DB8:0:1::ff',
  '::ffff:10.0.0.9',
  'not an address',
];
const MESSAGES = [
  'Đăng nhập thất bại cho người dùng',
  'dang nhap thanh cong',
  'Accepted password for root',
  'null\u0000byte Đ after',
  undefined,
];
const CODES = ['4624', '4625', '4688', '1'];

function pick<Item>(list: readonly Item[], at: number): Item {
  return list[at % list.length] as Item;
}

/** Deterministic: the same number gives the same event. */
export function eventAt(n: number): EcsEvent {
  const at = new Date(START + n * 617_000 + (n % 7)).toISOString();
  const message = pick(MESSAGES, n);
  return {
    '@timestamp': at,
    event: {
      id: `ev-${String((n * 7919) % 100_003).padStart(6, '0')}`,
      kind: 'event',
      original: `<${n}> ${message ?? 'không có gì'} | ${pick(COMMANDS, n >> 1)} \t"${pick(USERS, n)}"`,
      module: pick(['windows', 'sshd', 'nginx'], n),
      created: at,
      ingested: at,
      code: pick(CODES, n >> 2),
      ...(n % 3 === 0 ? { category: ['process', 'Đối tượng'], type: [] } : { category: ['network'] }),
      ...(n % 5 === 0 ? { outcome: 'failure' as const } : {}),
    },
    organization: { id: pick(['bo-a', 'bo-b', 'tinh-c'], n >> 1) },
    agent: { id: `agent-${n % 4}`, name: 'tác tử', type: 'vong' },
    host: { name: pick(HOSTS, n >> 1), ip: [pick(ADDRESSES, n), pick(ADDRESSES, n + 3)] },
    ...(n % 4 === 3 ? {} : { user: { name: pick(USERS, n) } }),
    ...process(n),
    source: { ip: pick(ADDRESSES, n >> 1), port: 1000 + (n % 13) * 37 },
    http: { response: { status_code: 200 + (n % 4) * 100 } },
    ...(message === undefined ? {} : { message }),
    ...free(n),
    tags: n % 6 === 0 ? ['unparsed', 'clock_skew'] : n % 6 === 1 ? ['a,b', 'Thử Nghiệm'] : [],
  };
}

function process(n: number): Pick<EcsEvent, 'process'> {
  if (n % 2 === 1) return {};
  const command_line = pick(COMMANDS, n >> 1);
  return {
    process: { pid: n, name: 'x.exe', executable: command_line.split(' ')[0] ?? '', command_line, parent: { executable: 'C:\\a\\b.exe' } },
  };
}

function free(n: number): Pick<EcsEvent, 'winlog' | 'json' | 'labels' | 'dns'> {
  return {
    winlog: {
      channel: 'Security',
      event_id: Number(pick(CODES, n >> 2)),
      event_data: {
        TargetUserName: pick(USERS, n + 1),
        LogonType: n % 2 === 0 ? n % 11 : String(n % 11),
        IpAddress: pick(ADDRESSES, n >> 2),
        List: n % 3 === 0 ? ['một', 'Hai', String(n)] : [],
        ...(n % 9 === 0 ? { Empty: '', Nothing: null, Deep: { Er: 'x' } } : {}),
        'a/b~c': 'slash',
      },
    },
    json: { ok: n % 2 === 0, ratio: n / 8, 'dotted.key': 'D', nested: { key: n % 10 }, mixed: [1, 'hai', true, null, { o: 1 }] },
    labels: { 'app.kubernetes.io/name': 'cổng' },
    ...(n % 8 === 0 ? { dns: { answers: [{ data: '10.0.0.1' }, { data: 'x.vn' }] } } : {}),
  };
}

export const QUERIES: readonly string[] = [
  ...[
    '',
    '*',
    'not *',
    '(*)',
    'dang nhap',
    'Đăng Nhập',
    'đăng',
    '"dang nhap that bai"',
    'd*nhap',
    'accepted or thanh',
    'not accepted',
    'after',
    'byte',
  ],
  ...[
    '100%',
    '_safe_',
    '"C:\\Windows\\System32"',
    'cmd.exe',
    'whoami and not curl',
    '"a*b"',
    'a\\*b',
    'khong co gi',
    '"khong gi"',
    'khong gi',
    'Σ',
    'istanbul',
  ],
  ...[
    'event.code: 4624',
    'event.code: 46*',
    'event.code: "46*"',
    'event.code: (4624 or 4688)',
    'event.code: (not 4624)',
    'event.code: (4624 and 4688)',
    'not event.code: 4624',
  ],
  ...[
    'event.code >= 4625',
    'event.code < 100',
    'event.module: WINDOWS',
    'event.module: (sshd or nginx) and event.outcome: failure',
    'event.outcome: *',
    'not event.outcome: *',
  ],
  ...[
    'event.category: process',
    'event.category: "doi tuong"',
    'event.category: *ng',
    'event.type: *',
    'event.category: *',
    'event.category > o',
    'tags: "a,b"',
    'tags: thu*',
    'tags: *',
    'not tags: *',
  ],
  ...[
    'host.name: may-chu-da-nang',
    'host.name: WEB_01',
    'host.name: web?01',
    'host.name: web*01',
    'host.name: *.gov.vn',
    'host.name: ws*',
    'host.name >= w',
    'host.name < w',
  ],
  ...[
    'user.name: "nguyen van duc"',
    'user.name: nguyen van duc',
    'user.name: nguyen\\ van*',
    'user.name: *Đức',
    'user.name: "O\'Brien \\"bob\\""',
    'user.name: ας',
    'user.name: ΑΣ',
    'user.name: istanbul',
    'user.name: *',
  ],
  ...[
    'process.executable: C\\:\\\\Windows\\\\*',
    'process.executable: "C:\\Windows\\System32\\cmd.exe"',
    'process.command_line: *100%*',
    'process.command_line: *_safe_',
    'process.command_line: *http*a\\*b',
    'process.command_line: *ví-dụ*',
    'process.command_line: *',
  ],
  ...[
    'process.pid: 10',
    'process.pid > 100 and process.pid <= 120',
    'process.pid: 1*',
    'process.pid: abc',
    'process.pid >= abc',
    'process.pid: 10.0',
    'process.pid: *',
    'process.parent.executable: *b.exe',
  ],
  ...[
    'source.ip: 10.0.0.5',
    'source.ip: 10.0.0.0/8',
    'source.ip: "10.0.0.0/8"',
    'source.ip: "2001:db8::/32"',
    'source.ip: "2001:db8:0:0:0:0:0:1"',
    'source.ip: 10.*',
    'source.ip: 0.0.0.0/0',
    'source.ip: "::/0"',
    'source.ip >= 192.0.0.0',
    'source.ip < 10.1.0.0',
    'source.ip: "not an address"',
    'source.ip: "::ffff:10.0.0.0/104"',
    'source.ip: 10.0.0.0/33',
  ],
  ...['host.ip: 10.0.0.0/24', 'host.ip: "2001:db8::1"', 'host.ip: *', 'host.ip >= 203.0.0.0', 'not host.ip: 192.168.0.0/16'],
  ...[
    'source.port: 1037',
    'source.port >= 1100',
    'source.port: (1037 or 1074)',
    'http.response.status_code >= 400',
    'http.response.status_code: 4*',
  ],
  ...[
    '@timestamp >= 2026-11-21',
    '@timestamp > 2026-11-21',
    '@timestamp <= 2026-11-20',
    '@timestamp < "2026-11-20T12:00:00Z"',
    '@timestamp: 2026-11-21',
    '@timestamp: "2026-11-20T10"',
    '@timestamp: 2026',
    '@timestamp >= "2026-11-21T07:00:00+07:00"',
    '@timestamp: *T00*',
    '@timestamp: nonsense',
    'event.created < 2026-11-21',
  ],
  ...[
    'winlog.event_id: 4688',
    'winlog.event_data.TargetUserName: system',
    'winlog.event_data.TargetUserName: nguyen*',
    'winlog.event_data.LogonType: 3',
    'winlog.event_data.LogonType >= 9',
    'winlog.event_data.LogonType < 2',
    'winlog.event_data.IpAddress: 10.0.0.0/8',
    'winlog.event_data.IpAddress: "2001:db8::1"',
  ],
  ...[
    'winlog.event_data.List: hai',
    'winlog.event_data.List: *',
    'winlog.event_data.List > 5',
    'winlog.event_data.Empty: ""',
    'winlog.event_data.Empty: *',
    'winlog.event_data.Nothing: *',
    'winlog.event_data.Deep: *',
    'winlog.event_data.Deep: x',
    'winlog.event_data.Deep.Er: X',
    'winlog.event_data: *',
    'winlog.event_data.a/b~c: slash',
    'winlog.event_data.Missing: *',
    'winlog.event_data.Missing: x',
  ],
  ...[
    'json.ok: true',
    'json.ok: TRUE',
    'json.ratio > 2.5',
    'json.ratio: 0.125',
    'json.dotted.key: d',
    'json.nested.key: 7',
    'json.mixed: hai',
    'json.mixed: 1',
    'json.mixed: true',
    'json.mixed: *',
    'json.mixed.o: 1',
    'labels.app.kubernetes.io/name: cong',
    'labels.app.kubernetes.io/name: *',
  ],
  ...[
    'dns.answers.data: x.vn',
    'dns.answers.data: 10.0.0.0/8',
    'dns.answers.data: *',
    'message: "dang nhap"',
    'message: nhap dang',
    'message: *nhap*',
    'message: *',
    'not message: *',
    'event.original: *enc*',
    'event.original: "thất bại"',
    'message >= l',
  ],
  ...[
    'organization.id: bo-a',
    'event.id: ev-000000',
    'constructor: x',
    '__proto__: *',
    '__proto__.x: 1',
    'toString: *',
    'json.constructor: *',
    'agent.name: "tac tu"',
    'not (event.code: 4624 or (user.name: SYSTEM and not source.port >= 1200))',
    'not not accepted',
  ],
];
