/** Fields of the other Windows channels in ECS names; the Security channel's most by event id. */
import { type Draft, endpoint } from './event.ts';
import { type JsonObject, integer } from './json.ts';
import { account, executable, field, file, person } from './windows-fields.ts';
import { type WindowsRecord, put } from './windows-record.ts';

/** Security event id → category, type, action. */
const KINDS: ReadonlyMap<number, readonly [string, string, string]> = new Map([
  [1102, ['configuration', 'deletion', 'audit-log-cleared']],
  [4624, ['authentication', 'start', 'logged-in']],
  [4625, ['authentication', 'start', 'logon-failed']],
  [4634, ['authentication', 'end', 'logged-out']],
  [4647, ['authentication', 'end', 'logged-out']],
  [4648, ['authentication', 'start', 'logged-in-explicit']],
  [4656, ['file', 'access', 'handle-requested']],
  [4657, ['registry', 'change', 'registry-value-modified']],
  [4663, ['file', 'access', 'object-accessed']],
  [4672, ['iam', 'admin', 'logged-in-special']],
  [4688, ['process', 'start', 'created-process']],
  [4689, ['process', 'end', 'exited-process']],
  [4697, ['configuration', 'creation', 'service-installed']],
  [4698, ['configuration', 'creation', 'scheduled-task-created']],
  [4699, ['configuration', 'deletion', 'scheduled-task-deleted']],
  [4702, ['configuration', 'change', 'scheduled-task-updated']],
  [4719, ['configuration', 'change', 'changed-audit-config']],
  [4720, ['iam', 'creation', 'added-user-account']],
  [4722, ['iam', 'change', 'enabled-user-account']],
  [4724, ['iam', 'change', 'reset-password']],
  [4725, ['iam', 'change', 'disabled-user-account']],
  [4726, ['iam', 'deletion', 'deleted-user-account']],
  [4728, ['iam', 'change', 'added-member-to-group']],
  [4732, ['iam', 'change', 'added-member-to-group']],
  [4738, ['iam', 'change', 'modified-user-account']],
  [4740, ['iam', 'change', 'locked-out-user-account']],
  [4756, ['iam', 'change', 'added-member-to-group']],
  [4768, ['authentication', 'start', 'kerberos-authentication-ticket-requested']],
  [4769, ['authentication', 'start', 'kerberos-service-ticket-requested']],
  [4771, ['authentication', 'start', 'kerberos-preauth-failed']],
  [4776, ['authentication', 'start', 'credential-validated']],
  [5140, ['file', 'access', 'network-share-object-accessed']],
  [5145, ['file', 'access', 'network-share-object-access-checked']],
  [5156, ['network', 'connection', 'windows-firewall-connection']],
  [5157, ['network', 'denied', 'windows-firewall-packet-block']],
  [5158, ['network', 'connection', 'windows-firewall-bind']],
]);

/** Ids where the account that acts is the one the event calls its target: it is the one signing in. */
const TARGET_ACTS: ReadonlySet<number> = new Set([4624, 4625, 4634, 4647, 4768, 4769, 4770, 4771, 4776]);
const AUDIT_FAILURE = 0x10;
const AUDIT_SUCCESS = 0x20;

export function describeSecurity(event: Draft, record: WindowsRecord): void {
  const { data } = record;
  const id = record.eventId ?? 0;
  const security = record.channel === 'Security' || record.provider === 'Microsoft-Windows-Security-Auditing';
  const kind = security ? KINDS.get(id) : undefined;
  if (kind !== undefined) {
    event.event.category = [kind[0]];
    event.event.type = [kind[1]];
    event.event.action = kind[2];
  }
  put(event.event, 'outcome', outcome(record, id, security));
  people(event, data, id);
  if (security) processes(event, data, id);
  addresses(event, data);
  objects(event, data);
  const service = field(data, 'ServiceName');
  if (service !== undefined) event.service = { name: service };
}

function outcome(record: WindowsRecord, id: number, security: boolean): 'success' | 'failure' | undefined {
  if (!security) return undefined;
  if (id === 4625 || id === 4771) return 'failure';
  const words = record.keywords ?? [];
  for (const word of words) {
    if (word === 'Audit Failure') return 'failure';
    if (word === 'Audit Success') return 'success';
  }
  const bits = words[0]?.startsWith('0x80') === true ? Number.parseInt(words[0].slice(4, 6), 16) : 0;
  if ((bits & AUDIT_FAILURE) !== 0) return 'failure';
  return (bits & AUDIT_SUCCESS) !== 0 || id === 4624 ? 'success' : undefined;
}

function people(event: Draft, data: JsonObject, id: number): void {
  const subject = person(data, 'Subject');
  const target = person(data, 'Target');
  const acting = TARGET_ACTS.has(id) ? (target ?? subject) : (subject ?? target);
  const other = acting === subject ? target : subject;
  const user = acting ?? account(field(data, 'User') ?? field(data, 'UserName') ?? field(data, 'UserId') ?? field(data, 'SamAccountName'));
  if (user === undefined) return;
  event.user = { ...user };
  if (other !== undefined && !TARGET_ACTS.has(id)) event.user.target = other;
}

function processes(event: Draft, data: JsonObject, id: number): void {
  const process: NonNullable<Draft['process']> = {};
  if (id === 4688) {
    executable(process, field(data, 'NewProcessName'));
    put(process, 'pid', integer(data['NewProcessId']));
    put(process, 'command_line', field(data, 'CommandLine'));
    const parent: NonNullable<Draft['process']> = {};
    executable(parent, field(data, 'ParentProcessName'));
    put(parent, 'pid', integer(data['ProcessId']));
    process.parent = parent;
  } else {
    executable(process, field(data, 'ProcessName') ?? field(data, 'Application') ?? field(data, 'CallerProcessName'));
    put(process, 'pid', integer(data['ProcessId'] ?? data['ProcessID'] ?? data['CallerProcessId']));
  }
  if (process.executable !== undefined || process.pid !== undefined) event.process = process;
}

function addresses(event: Draft, data: JsonObject): void {
  const from = field(data, 'IpAddress') ?? field(data, 'SourceAddress') ?? field(data, 'ClientAddress') ?? field(data, 'ClientIP');
  put(event, 'source', endpoint(from, integer(field(data, 'IpPort') ?? field(data, 'SourcePort'))));
  const workstation = field(data, 'WorkstationName') ?? field(data, 'Workstation');
  if (workstation !== undefined) event.source = { ...event.source, domain: workstation };
  put(event, 'destination', endpoint(field(data, 'DestAddress'), integer(field(data, 'DestPort'))));
  const direction = data['Direction'];
  if (direction === '%%14592') event.network = { direction: 'ingress' };
  else if (direction === '%%14593') event.network = { direction: 'egress' };
  const protocol = String(data['Protocol']);
  if (event.network !== undefined && (protocol === '6' || protocol === '17')) event.network.transport = protocol === '6' ? 'tcp' : 'udp';
}

function objects(event: Draft, data: JsonObject): void {
  const name = field(data, 'ObjectName');
  if (name !== undefined) {
    const type = data['ObjectType'];
    if (type === 'File') event.file = file(name);
    else if (type === 'Key') {
      event.registry = { path: name };
      put(event.registry, 'value', field(data, 'ObjectValueName'));
      if (event.event.category?.[0] === 'file') event.event.category = ['registry'];
    }
  }
  const relative = field(data, 'RelativeTargetName');
  const share = field(data, 'ShareName');
  if (relative !== undefined) event.file = file(share === undefined ? relative : `${share}\\${relative}`);
}
