/** Our pipelines: which events a log source selects, in every shape, and where fields are found. */
import { describe, expect, it } from 'vitest';
import { compileRules, loadPipelines, type SigmaRule } from '../index.ts';
import { plainMatch } from '../plain/index.ts';
import { onlyRule, ourPipelines, ruleText } from './support.ts';

const pipelines = ourPipelines();
const SYSMON = 'Microsoft-Windows-Sysmon/Operational';

function ruleOn(logsource: string, selection: string): SigmaRule {
  return onlyRule(
    ruleText(`    s:\n        ${selection}\n    condition: s`).replace('product: test', logsource.replaceAll('; ', '\n    ')),
  );
}

function selected(logsource: string, selection: string, event: object): boolean {
  const rule = ruleOn(logsource, selection);
  const found = compileRules([rule], { pipelines }).match(event).length > 0;
  expect(plainMatch(event, [rule], pipelines).length > 0).toBe(found);
  return found;
}

/** One Windows event in each of the shapes. */
function shapes(channel: string, id: number, data: Record<string, unknown>, provider = 'P'): [string, object][] {
  return [
    ['flat', { EventID: id, Channel: channel, SourceName: provider, Hostname: 'h', ...data }],
    [
      'nested',
      {
        Event: {
          System: { EventID: id, Channel: channel, Provider: { '#attributes': { Name: provider } }, Computer: 'h' },
          EventData: data,
        },
      },
    ],
    [
      'nested with qualifiers',
      {
        Event: {
          System: {
            EventID: { '#attributes': { Qualifiers: 1 }, '#text': id },
            Channel: channel,
            Provider: { '#attributes': { Name: provider } },
          },
          UserData: { Operation: data },
        },
      },
    ],
    ['ECS', { event: { module: 'windows' }, winlog: { channel, event_id: id, provider_name: provider, event_data: data } }],
    ['Winlogbeat', { '@timestamp': 'x', winlog: { channel, event_id: String(id), provider_name: provider, user_data: data } }],
  ];
}

describe('process_creation is Sysmon 1 and Security 4688', () => {
  const on = 'product: windows; category: process_creation';
  it.each(shapes(SYSMON, 1, { Image: 'C:\\a.exe' }))('Sysmon, %s', (_, event) =>
    expect(selected(on, "Image|endswith: 'a.exe'", event)).toBe(true),
  );
  it.each(shapes('Security', 4688, { NewProcessName: 'C:\\a.exe', ParentProcessName: 'C:\\b.exe', SubjectUserName: 'bob' }))(
    'Security, %s',
    (_, event) => {
      expect(selected(on, "Image|endswith: 'a.exe'", event)).toBe(true);
      expect(selected(on, "ParentImage|endswith: 'b.exe'", event)).toBe(true);
      expect(selected(on, 'User: BOB', event)).toBe(true);
      expect(selected('product: windows; service: security', "NewProcessName|endswith: 'a.exe'", event)).toBe(true);
      expect(selected('product: windows; service: security', 'EventID: 4688', event)).toBe(true);
      expect(selected('product: windows; service: system', 'EventID: 4688', event)).toBe(false);
    },
  );
  it('a parent of Security 4688 is ProcessId there, not the new process', () => {
    const event = { EventID: 4688, Channel: 'Security', NewProcessId: '0x10', ProcessId: '0x20' };
    expect(selected(on, "ProcessId: '0x10'", event)).toBe(true);
    expect(selected(on, "ParentProcessId: '0x20'", event)).toBe(true);
  });
});

describe('one event may be of several categories', () => {
  it.each([
    [12, 'CreateKey', ['registry_event', 'registry_add']],
    [12, 'DeleteValue', ['registry_event', 'registry_delete']],
    [13, 'SetValue', ['registry_event', 'registry_set']],
    [14, 'RenameKey', ['registry_event', 'registry_rename']],
  ])('Sysmon %i %s is %j', (id, type, categories) => {
    for (const category of ['registry_event', 'registry_add', 'registry_delete', 'registry_set', 'registry_rename', 'file_event'])
      for (const [, event] of shapes(SYSMON, id, { EventType: type, TargetObject: 'HKLM\\x' }))
        expect([category, selected(`product: windows; category: ${category}`, 'TargetObject|startswith: HKLM', event)]).toEqual([
          category,
          categories.includes(category),
        ]);
  });
});

describe('every Sysmon event has its category (taxonomy appendix)', () => {
  const categories: Record<string, number[]> = {
    file_change: [2], network_connection: [3], sysmon_status: [4, 16], process_termination: [5], driver_load: [6], image_load: [7],
    create_remote_thread: [8], raw_access_thread: [9], process_access: [10], file_event: [11], create_stream_hash: [15], pipe_created: [17, 18],
    wmi_event: [19, 20, 21], dns_query: [22], file_delete: [23, 26], clipboard_capture: [24], process_tampering: [25], file_delete_detected: [26],
    file_block_executable: [27], file_block_shredding: [28], file_executable_detected: [29], sysmon_error: [255],
  }; // prettier-ignore
  it.each(Object.entries(categories))('%s', (category, ids) => {
    for (const id of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 255])
      expect([id, selected(`product: windows; category: ${category}`, 'F: 1', { EventID: id, Channel: SYSMON, F: 1 })]).toEqual([
        id,
        ids.includes(id),
      ]);
  });
  it('other channels do not count', () =>
    expect(selected('product: windows; category: file_event', 'F: 1', { EventID: 11, Channel: 'Application', F: 1 })).toBe(false));
});

describe('PowerShell', () => {
  it.each([
    ['ps_script', 'Microsoft-Windows-PowerShell/Operational', 4104],
    ['ps_script', 'PowerShellCore/Operational', 4104],
    ['ps_module', 'Microsoft-Windows-PowerShell/Operational', 4103],
    ['ps_classic_start', 'Windows PowerShell', 400],
    ['ps_classic_provider_start', 'Windows PowerShell', 600],
    ['ps_classic_script', 'Windows PowerShell', 800],
  ])('%s is %s %i', (category, channel, id) => {
    expect(selected(`product: windows; category: ${category}`, 'Payload: x', { EventID: id, Channel: channel, Payload: 'x' })).toBe(true);
    expect(selected(`product: windows; category: ${category}`, 'Payload: x', { EventID: id + 1, Channel: channel, Payload: 'x' })).toBe(
      false,
    );
  });
});

describe('field names with spaces in the data (Field Usage: "strip all spaces")', () => {
  it.each(shapes('Microsoft-Windows-Windows Defender/Operational', 1116, { 'Threat Name': 'Mimikatz', 'Feature Name': 'x' }))(
    '%s',
    (_, event) => {
      expect(selected('product: windows; service: windefend', 'ThreatName: mimikatz', event)).toBe(true);
      expect(selected('product: windows; service: windefend', 'Feature_Name: x', event)).toBe(true);
    },
  );
});

describe('hints of the log source in the event', () => {
  const event = { EventID: 13, Channel: SYSMON, ls_product: 'windows', ls_service: 'sysmon', ls_category: 'registry_set', F: 1 };
  it('decide alone, and every part a rule asks for must be named', () => {
    expect(selected('product: windows; category: registry_set', 'F: 1', event)).toBe(true);
    expect(selected('product: windows; service: sysmon', 'F: 1', event)).toBe(true);
    expect(selected('product: windows; category: registry_event', 'F: 1', event)).toBe(false);
    expect(selected('product: windows; category: registry_set', 'F: 1', { ...event, ls_category: '' })).toBe(false);
    expect(selected('category: database', 'F: 1', { ...event, ls_category: '' })).toBe(false);
  });
});

function keyword(service: string, event: object): boolean {
  const rule = onlyRule(
    ruleText("    s:\n        - 'failed password'\n    condition: s").replace('product: test', `product: linux${service}`),
  );
  return compileRules([rule], { pipelines }).match(event).length > 0;
}

describe('Linux and web', () => {
  const line = {
    event: { module: 'sshd', original: 'Nov 22 h sshd[1]: Failed password for root' },
    message: 'Failed password for root',
    process: { name: 'sshd' },
    host: { os: { type: 'linux' } },
  };
  it('keyword rules read the text of the program they name', () => {
    expect(keyword('\n    service: sshd', line)).toBe(true);
    expect(keyword('\n    service: auth', line)).toBe(true);
    expect(keyword('', line)).toBe(true);
    expect(keyword('\n    service: vsftpd', line)).toBe(false);
  });
  it('audit records keep their own field names, and those of a program are process creation', () => {
    const event = {
      event: { module: 'auditd', category: ['process'] },
      auditd: { message_type: 'execve', data: { type: 'EXECVE', a0: 'cat', a1: '/etc/shadow' } },
      process: { command_line: 'cat /etc/shadow' },
    };
    expect(selected('product: linux; service: auditd', 'type: EXECVE', event)).toBe(true);
    expect(selected('product: linux; service: auditd', 'a1|endswith: shadow', event)).toBe(true);
    expect(selected('product: linux; category: process_creation', 'CommandLine|contains: shadow', event)).toBe(true);
  });
  it('web access is read by its W3C names', () => {
    const event = {
      event: { module: 'nginx', dataset: 'nginx.access', original: 'GET /a?b=../etc/passwd' },
      url: { original: '/a?b=../etc/passwd', path: '/a', query: 'b=../etc/passwd' },
      http: { request: { method: 'GET' }, response: { status_code: 200 } },
      user_agent: { original: 'sqlmap' },
    };
    expect(selected('category: webserver', "cs-uri-query|contains: '../etc'", event)).toBe(true);
    expect(selected('category: webserver', 'cs-uri-stem: /a', event)).toBe(true);
    expect(selected('category: webserver', 'sc-status: 200', event)).toBe(true);
    expect(selected('category: webserver', 'cs-user-agent: sqlmap', event)).toBe(true);
    expect(selected('category: proxy', 'sc-status: 200', event)).toBe(false);
  });
});

describe('a log source that no pipeline knows', () => {
  it('keeps its rule loaded, told apart, and silent', () => {
    const rule = ruleOn('product: toaster', 'F: 1');
    const set = compileRules([rule], { pipelines });
    expect(set.withoutLogsource).toEqual([rule]);
    expect(set.size).toBe(0);
    expect(set.match({ EventID: 1, Channel: 'Security', F: 1 })).toEqual([]);
  });
  it('a rule that asks for none selects nothing', () => {
    const rule = ruleOn("definition: 'anything'", 'F: 1');
    expect(compileRules([rule], { pipelines }).match({ EventID: 1, Channel: 'Security', F: 1 })).toEqual([]);
  });
});

describe('a pipeline that cannot be read', () => {
  it.each(['shapes: 1', 'logsources: [{is: {colour: red}}]', 'logsources: [{is: {product: [a]}}]', 'a: ['])('%j is refused', (text) =>
    expect(() => loadPipelines([text])).toThrow(expect.objectContaining({ name: 'SigmaError' })),
  );
});

describe('a rule that throws', () => {
  it('is switched off alone and reported once, by its id', () => {
    const faults: string[] = [];
    const hostile = ruleOn('product: windows; service: security', "F|re: '(x{1,200}y{1,200}){1,20}z'");
    const other = { ...ruleOn('product: windows; service: security', "F|contains: 'x'"), id: 'other' };
    const set = compileRules([hostile, other], { pipelines, onFault: (id) => faults.push(id) });
    const text = Array.from({ length: 4_000 }, (_, index) => 'x'.repeat(index % 150) + 'y'.repeat((index * 7) % 130)).join('') + 'z!';
    const ids = Array.from({ length: 3 }, () => set.match({ EventID: 1, Channel: 'Security', F: text }).map(({ rule }) => rule.id));
    expect(ids.flat()).toEqual(['other', 'other', 'other']);
    expect(faults).toEqual(['test']);
  });
});
