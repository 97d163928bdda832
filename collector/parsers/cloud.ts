/** Which service wrote a JSON record, where its keys say so beyond doubt: `event.module`, `event.dataset`, and who did what from where. */
import { type Draft, endpoint } from './event.ts';
import { type JsonObject, isObject, text } from './json.ts';
import { put } from './windows-record.ts';

interface Service {
  readonly module: string;
  readonly dataset: string;
  matches(record: JsonObject): boolean;
  /** Paths, first hit wins. */
  readonly action: readonly string[];
  readonly user: readonly string[];
  readonly address: readonly string[];
}

const has = (record: JsonObject, ...keys: string[]): boolean => keys.every((key) => record[key] !== undefined);

const SERVICES: readonly Service[] = [
  {
    module: 'aws',
    dataset: 'aws.cloudtrail',
    matches: (record) => has(record, 'eventSource', 'eventName') && has(record, 'awsRegion'),
    action: ['eventName'],
    user: ['userIdentity.userName', 'userIdentity.sessionContext.sessionIssuer.userName', 'userIdentity.principalId'],
    address: ['sourceIPAddress'],
  },
  {
    module: 'azure',
    dataset: 'azure.signinlogs',
    matches: (record) => record['category'] === 'SignInLogs' || record['Type'] === 'SigninLogs',
    action: ['operationName', 'OperationName'],
    user: ['properties.userPrincipalName', 'UserPrincipalName'],
    address: ['callerIpAddress', 'properties.ipAddress', 'IPAddress'],
  },
  {
    module: 'azure',
    dataset: 'azure.auditlogs',
    matches: (record) => record['category'] === 'AuditLogs' || record['Type'] === 'AuditLogs' || has(record, 'AADOperationType'),
    action: ['operationName', 'OperationName'],
    user: ['properties.initiatedBy.user.userPrincipalName', 'Identity'],
    address: ['callerIpAddress', 'properties.initiatedBy.user.ipAddress'],
  },
  {
    module: 'azure',
    dataset: 'azure.activitylogs',
    matches: (record) => has(record, 'operationName', 'resourceId') || record['Type'] === 'AzureActivity',
    action: ['operationName', 'OperationNameValue'],
    user: ['caller', 'Caller'],
    address: ['callerIpAddress', 'CallerIpAddress'],
  },
  {
    module: 'o365',
    dataset: 'o365.audit',
    matches: (record) => (has(record, 'Workload', 'Operation') && has(record, 'RecordType')) || has(record, 'OfficeWorkload', 'Operation'),
    action: ['Operation'],
    user: ['UserId'],
    address: ['ClientIP', 'ClientIPAddress', 'Client_IPAddress'],
  },
  {
    module: 'gcp',
    dataset: 'gcp.audit',
    matches: (record) => has(record, 'protoPayload', 'logName') || has(record, 'protoPayload', 'insertId'),
    action: ['protoPayload.methodName'],
    user: ['protoPayload.authenticationInfo.principalEmail'],
    address: ['protoPayload.requestMetadata.callerIp'],
  },
  {
    module: 'okta',
    dataset: 'okta.system',
    matches: (record) => has(record, 'eventType', 'actor', 'published'),
    action: ['eventType'],
    user: ['actor.alternateId', 'actor.displayName'],
    address: ['client.ipAddress'],
  },
  {
    module: 'github',
    dataset: 'github.audit',
    matches: (record) => has(record, 'action', 'actor') && (has(record, '_document_id') || has(record, 'org') || has(record, 'created_at')),
    action: ['action'],
    user: ['actor'],
    address: ['actor_ip'],
  },
  {
    module: 'kubernetes',
    dataset: 'kubernetes.audit',
    matches: (record) => has(record, 'auditID', 'verb') && has(record, 'stage'),
    action: ['verb'],
    user: ['user.username'],
    address: ['sourceIPs.0'],
  },
  {
    module: 'azure',
    dataset: 'azure.vmconnection',
    matches: (record) => record['Type'] === 'VMConnection',
    action: ['Direction'],
    user: [],
    address: ['SourceIp'],
  },
];

/** Names the service when its keys are known; leaves `event.module` alone when not. */
export function describeCloud(event: Draft, record: JsonObject): void {
  const service = SERVICES.find((candidate) => candidate.matches(record));
  if (service === undefined) return;
  event.event.module = service.module;
  event.event.dataset = service.dataset;
  put(event.event, 'action', first(record, service.action));
  const user = first(record, service.user);
  if (user !== undefined) event.user = { name: user };
  put(event, 'source', endpoint(first(record, service.address)));
  const failed = record['errorCode'] !== undefined && record['errorCode'] !== null && service.module === 'aws';
  if (service.module === 'aws') event.event.outcome = failed ? 'failure' : 'success';
}

function first(record: JsonObject, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const value = text(at(record, path));
    if (value !== undefined) return value;
  }
  return undefined;
}

function at(record: JsonObject, path: string): unknown {
  let value: unknown = record;
  for (const key of path.split('.')) {
    if (Array.isArray(value)) value = value[Number(key)];
    else if (isObject(value) && Object.hasOwn(value, key)) value = value[key];
    else return undefined;
  }
  return value;
}
