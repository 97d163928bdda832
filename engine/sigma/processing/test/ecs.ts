/**
 * Windows events in Elastic Common Schema alone: a field that the sample pipeline maps stands only where it maps it to, the others
 * under winlog.event_data. Written by hand, not read from the pipeline, so that each is a check on the other.
 */
import { isRecord, readPath } from '../../pipelines/paths.ts';

const PLACES: Readonly<Record<string, string>> = {
  ProcessGuid: 'process.entity_id',
  ProcessId: 'process.pid',
  Image: 'process.executable',
  CurrentDirectory: 'process.working_directory',
  CommandLine: 'process.command_line',
  ParentProcessGuid: 'process.parent.entity_id',
  ParentProcessId: 'process.parent.pid',
  ParentImage: 'process.parent.executable',
  ParentCommandLine: 'process.parent.command_line',
  NewProcessId: 'process.pid',
  NewProcessName: 'process.executable',
  ParentProcessName: 'process.parent.executable',
  TargetFilename: 'file.path',
  ImageLoaded: 'file.path',
  PipeName: 'file.name',
  Signed: 'file.code_signature.signed',
  SignatureStatus: 'file.code_signature.status',
  Signature: 'file.code_signature.subject_name',
  SourceIp: 'source.ip',
  SourceHostname: 'source.domain',
  SourcePort: 'source.port',
  DestinationIp: 'destination.ip',
  DestinationHostname: 'destination.domain',
  DestinationPort: 'destination.port',
  DestinationPortName: 'network.protocol',
  Protocol: 'network.transport',
  Initiated: 'network.initiated',
  SourceProcessGuid: 'source.process.entity_id',
  SourceImage: 'source.process.executable',
  TargetObject: 'registry.path',
  Details: 'registry.data.strings',
  QueryName: 'dns.question.name',
  QueryStatus: 'sysmon.dns.status',
  ScriptBlockText: 'powershell.file.script_block_text',
  User: 'user.name',
  IpAddress: 'source.ip',
  IpPort: 'source.port',
  WorkstationName: 'source.domain',
};
/** By event id of Sysmon: process creation and image loads have places of their own for what a program says of itself. */
const PROGRAM: Readonly<Record<string, string>> = { '1': 'process.pe', '4688': 'process.pe', '7': 'file.pe' };
const PROGRAM_FIELDS: Readonly<Record<string, string>> = {
  FileVersion: 'file_version',
  Description: 'description',
  Product: 'product',
  Company: 'company',
  OriginalFileName: 'original_file_name',
};

/** The event as a shipper for Elastic Common Schema would send it. */
export function toEcs(event: object): object {
  const at = (...path: string[]): unknown => readPath(event, path);
  const id = at('Event', 'System', 'EventID', '#text') ?? at('Event', 'System', 'EventID');
  const code = String(id);
  const channel = at('Event', 'System', 'Channel');
  const computer = at('Event', 'System', 'Computer');
  const provider = at('Event', 'System', 'Provider', '#attributes', 'Name');
  const result: Record<string, unknown> = {
    event: { module: 'windows', code },
    host: { name: computer },
    winlog: { channel, event_id: id, provider_name: provider, computer_name: computer },
  };
  const data = at('Event', 'EventData') ?? Object.values(isRecord(at('Event', 'UserData')) ? Object(at('Event', 'UserData')) : {})[0];
  const texts: string[] = [];
  for (const [name, value] of Object.entries(isRecord(data) ? data : {})) {
    const plain = isRecord(value) && '#text' in value ? value['#text'] : value;
    texts.push(typeof plain === 'string' ? plain : JSON.stringify(plain));
    place(result, placeOf(name.replaceAll(' ', ''), code), plain);
  }
  result['message'] = texts.join('\n');
  return result;
}

function placeOf(name: string, code: string): string {
  const program = PROGRAM[code];
  const own = PROGRAM_FIELDS[name];
  if (program !== undefined && own !== undefined) return `${program}.${own}`;
  return PLACES[name] ?? `winlog.event_data.${name}`;
}

function place(root: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split('.');
  let node = root;
  for (const key of keys.slice(0, -1)) {
    const inner = node[key];
    const next: Record<string, unknown> = isRecord(inner) ? inner : {};
    node[key] = next;
    node = next;
  }
  node[keys.at(-1) ?? ''] = value;
}
