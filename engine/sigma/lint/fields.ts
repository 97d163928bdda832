/**
 * Fields of the events of Windows categories whose layout is fixed: the schema of Sysmon (4.90), of PowerShell's events, and the names
 * the taxonomy appendix adds. Facts only; `docs/reference/sigma-lint.md` says how they are refreshed.
 */

/** In every Windows event: the header of the record. */
const HEADER = `EventID Channel Provider_Name Provider_Guid Computer ComputerName EventRecordID Level Task Opcode Keywords Version Message
  Execution_ProcessID Execution_ThreadID Security_UserID Source EventLog`;
/** In every event of Sysmon about a process. */
const PROCESS = 'RuleName UtcTime ProcessGuid ProcessId Image User';
/** The program's version resource and signature. */
const RESOURCE = 'FileVersion Description Product Company OriginalFileName';
const SIGNED = 'Hashes Signed Signature SignatureStatus';
const FILE = 'TargetFilename';

const WINDOWS: Readonly<Record<string, string>> = {
  process_creation: `${PROCESS} ${RESOURCE} CommandLine CurrentDirectory LogonGuid LogonId TerminalSessionId IntegrityLevel Hashes
    ParentProcessGuid ParentProcessId ParentImage ParentCommandLine ParentUser imphash md5 sha1 sha256 SubjectUserSid SubjectUserName
    SubjectDomainName SubjectLogonId NewProcessId NewProcessName TokenElevationType TargetUserSid TargetUserName TargetDomainName
    TargetLogonId ParentProcessName MandatoryLabel`,
  file_change: `${PROCESS} ${FILE} CreationUtcTime PreviousCreationUtcTime`,
  network_connection: `${PROCESS} Protocol Initiated SourceIsIpv6 SourceIp SourceHostname SourcePort SourcePortName DestinationIsIpv6
    DestinationIp DestinationHostname DestinationPort DestinationPortName Application Direction SourceAddress DestAddress DestPort
    ProcessID FilterRTID LayerName LayerRTID RemoteUserID RemoteMachineID`,
  process_termination: PROCESS,
  driver_load: `RuleName UtcTime ImageLoaded ${SIGNED}`,
  image_load: `${PROCESS} ImageLoaded ${RESOURCE} ${SIGNED}`,
  create_remote_thread: `RuleName UtcTime SourceProcessGuid SourceProcessId SourceImage TargetProcessGuid TargetProcessId TargetImage
    NewThreadId StartAddress StartModule StartFunction SourceUser TargetUser`,
  raw_access_thread: `${PROCESS} Device`,
  process_access: `RuleName UtcTime SourceProcessGUID SourceProcessId SourceThreadId SourceImage TargetProcessGUID TargetProcessId
    TargetImage GrantedAccess CallTrace SourceUser TargetUser`,
  file_event: `${PROCESS} ${FILE} CreationUtcTime`,
  registry_add: `${PROCESS} EventType TargetObject`,
  registry_delete: `${PROCESS} EventType TargetObject`,
  registry_set: `${PROCESS} EventType TargetObject Details`,
  registry_rename: `${PROCESS} EventType TargetObject NewName`,
  registry_event: `${PROCESS} EventType TargetObject Details NewName`,
  create_stream_hash: `${PROCESS} ${FILE} CreationUtcTime Hash Contents`,
  pipe_created: `${PROCESS} EventType PipeName`,
  wmi_event: 'RuleName UtcTime EventType Operation User EventNamespace Name Query Type Destination Consumer Filter',
  dns_query: `${PROCESS} QueryName QueryStatus QueryResults`,
  file_delete: `${PROCESS} ${FILE} Hashes IsExecutable Archived`,
  file_delete_detected: `${PROCESS} ${FILE} Hashes IsExecutable`,
  clipboard_capture: `${PROCESS} Session ClientInfo Hashes Archived`,
  process_tampering: `${PROCESS} Type`,
  file_block_executable: `${PROCESS} ${FILE} Hashes`,
  file_block_shredding: `${PROCESS} ${FILE} Hashes IsExecutable`,
  file_executable_detected: `${PROCESS} ${FILE} Hashes`,
  ps_script: 'MessageNumber MessageTotal ScriptBlockText ScriptBlockId Path',
  ps_module: 'ContextInfo UserData Payload',
};

/** Fields of a log source; undefined where its events are not of one layout. */
export function fieldsOf(product: string | undefined, category: string | undefined): readonly string[] | undefined {
  if (product !== 'windows' || category === undefined || !Object.hasOwn(WINDOWS, category)) return undefined;
  return `${HEADER} ${WINDOWS[category] ?? ''}`.split(/\s+/);
}
