/** Sysmon's fields in ECS names, by event id (Sysmon 15 schema; Sysmon for Linux uses the same ids and names). */
import { type Draft, baseName, endpoint } from './event.ts';
import { type JsonObject, integer } from './json.ts';
import { put } from './windows-record.ts';
import { account, executable, field, file, hashes } from './windows-fields.ts';

/** Event id → category, type, action. */
const KINDS: ReadonlyMap<number, readonly [string, string, string]> = new Map([
  [1, ['process', 'start', 'process-created']],
  [2, ['file', 'change', 'file-creation-time-changed']],
  [3, ['network', 'connection', 'network-connection']],
  [5, ['process', 'end', 'process-terminated']],
  [6, ['driver', 'start', 'driver-loaded']],
  [7, ['process', 'change', 'image-loaded']],
  [8, ['process', 'change', 'remote-thread-created']],
  [9, ['process', 'access', 'raw-disk-read']],
  [10, ['process', 'access', 'process-accessed']],
  [11, ['file', 'creation', 'file-created']],
  [12, ['registry', 'change', 'registry-object-changed']],
  [13, ['registry', 'change', 'registry-value-set']],
  [14, ['registry', 'change', 'registry-object-renamed']],
  [15, ['file', 'access', 'file-stream-created']],
  [16, ['configuration', 'change', 'sysmon-configuration-changed']],
  [17, ['file', 'creation', 'pipe-created']],
  [18, ['file', 'access', 'pipe-connected']],
  [19, ['configuration', 'creation', 'wmi-filter']],
  [20, ['configuration', 'creation', 'wmi-consumer']],
  [21, ['configuration', 'creation', 'wmi-binding']],
  [22, ['network', 'protocol', 'dns-query']],
  [23, ['file', 'deletion', 'file-deleted-archived']],
  [24, ['process', 'access', 'clipboard-changed']],
  [25, ['process', 'change', 'process-tampering']],
  [26, ['file', 'deletion', 'file-deleted']],
  [27, ['file', 'creation', 'executable-blocked']],
  [28, ['file', 'deletion', 'shredding-blocked']],
  [29, ['file', 'creation', 'executable-detected']],
]);

export function describeSysmon(event: Draft, id: number, data: JsonObject): void {
  const kind = KINDS.get(id);
  if (kind !== undefined) {
    event.event.category = [kind[0]];
    event.event.type = [kind[1]];
    event.event.action = kind[2];
  }
  put(event, 'user', account(field(data, 'User') ?? field(data, 'SourceUser')));
  processes(event, data, id);
  if (id === 3) network(event, data);
  else if (id === 22) dns(event, data);
  else if (id >= 12 && id <= 14) registry(event, data);
  else files(event, data, id);
}

function processes(event: Draft, data: JsonObject, id: number): void {
  const process: NonNullable<Draft['process']> = {};
  executable(process, field(data, 'Image') ?? field(data, 'SourceImage'));
  put(process, 'pid', integer(data['ProcessId'] ?? data['SourceProcessId']));
  put(process, 'entity_id', field(data, 'ProcessGuid') ?? field(data, 'SourceProcessGUID') ?? field(data, 'SourceProcessGuid'));
  if (id === 1) {
    put(process, 'command_line', field(data, 'CommandLine'));
    put(process, 'working_directory', field(data, 'CurrentDirectory'));
    put(process, 'hash', hashes(field(data, 'Hashes')));
    const parent: NonNullable<Draft['process']> = {};
    executable(parent, field(data, 'ParentImage'));
    put(parent, 'command_line', field(data, 'ParentCommandLine'));
    put(parent, 'pid', integer(data['ParentProcessId']));
    put(parent, 'entity_id', field(data, 'ParentProcessGuid'));
    process.parent = parent;
  }
  if (process.executable !== undefined || process.pid !== undefined) event.process = process;
}

function network(event: Draft, data: JsonObject): void {
  put(event, 'source', endpoint(field(data, 'SourceIp'), integer(data['SourcePort'])));
  put(event, 'destination', endpoint(field(data, 'DestinationIp'), integer(data['DestinationPort'])));
  const from = field(data, 'SourceHostname');
  const to = field(data, 'DestinationHostname');
  if (from !== undefined) event.source = { ...event.source, domain: from };
  if (to !== undefined) event.destination = { ...event.destination, domain: to };
  event.network = { direction: String(data['Initiated']) === 'true' ? 'egress' : 'ingress' };
  put(event.network, 'transport', field(data, 'Protocol'));
}

function dns(event: Draft, data: JsonObject): void {
  const name = field(data, 'QueryName');
  if (name === undefined) return;
  event.dns = { question: { name } };
  const results = field(data, 'QueryResults');
  if (results === undefined) return;
  const answers = results.split(';', 64).filter((answer) => answer !== '');
  event.dns.answers = answers.map((answer) => ({ data: answer.startsWith('::ffff:') ? answer.slice(7) : answer }));
}

function registry(event: Draft, data: JsonObject): void {
  const path = field(data, 'TargetObject');
  if (path === undefined) return;
  event.registry = { path, value: baseName(path) };
  const details = field(data, 'Details');
  if (details !== undefined) event.registry.data = { strings: [details] };
}

function files(event: Draft, data: JsonObject, id: number): void {
  const loaded = field(data, 'ImageLoaded');
  const target = field(data, 'TargetFilename');
  const digest = id === 1 ? undefined : hashes(field(data, 'Hashes') ?? field(data, 'Hash'));
  if (loaded !== undefined && id === 7) {
    event.dll = { path: loaded, name: baseName(loaded) };
    put(event.dll, 'hash', digest);
  } else if (loaded !== undefined || target !== undefined) {
    event.file = file(loaded ?? target ?? '');
    put(event.file, 'hash', digest);
  } else if (id === 17 || id === 18) {
    const pipe = field(data, 'PipeName');
    if (pipe !== undefined) event.file = { path: pipe, name: baseName(pipe) };
  }
}
