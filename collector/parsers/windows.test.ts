import { describe, expect, test } from 'vitest';
import { parse } from './test/parse.ts';

const sysmon1 = {
  RuleName: '-',
  UtcTime: '2026-11-20 01:02:03.456',
  ProcessGuid: 'AB-1',
  ProcessId: 3412,
  Image: 'C:\\Windows\\System32\\cmd.exe',
  CommandLine: 'cmd /c "whoami"',
  CurrentDirectory: 'C:\\',
  User: 'BỘ\\nguyễn',
  Hashes: 'MD5=AA,SHA256=BB,IMPHASH=CC',
  ParentImage: 'C:\\Windows\\explorer.exe',
  ParentCommandLine: 'explorer',
  ParentProcessId: 9,
};

describe('Windows events', () => {
  test('nested System/EventData gives ECS fields and keeps every original field as spelled', () => {
    const event = parse(
      JSON.stringify({
        Event: {
          System: {
            Provider: { '#attributes': { Name: 'Microsoft-Windows-Sysmon', Guid: 'G' } },
            EventID: 1,
            Level: 4,
            EventRecordID: 77,
            TimeCreated: { '#attributes': { SystemTime: '2026-11-20T01:02:03.4567891Z' } },
            Channel: 'Microsoft-Windows-Sysmon/Operational',
            Computer: 'ws-1',
          },
          EventData: sysmon1,
        },
      }),
    );
    expect(event['@timestamp']).toBe('2026-11-20T01:02:03.456Z');
    expect(event.winlog).toMatchObject({ event_id: 1, record_id: 77, computer_name: 'ws-1', level: '4', event_data: sysmon1 });
    expect(event.process).toMatchObject({
      name: 'cmd.exe',
      pid: 3412,
      command_line: 'cmd /c "whoami"',
      hash: { sha256: 'bb', imphash: 'cc' },
    });
    expect(event.process?.parent).toMatchObject({ name: 'explorer.exe', pid: 9 });
    expect(event.user).toEqual({ domain: 'BỘ', name: 'nguyễn' });
    expect(event.event).toMatchObject({ module: 'sysmon', code: '1', category: ['process'], type: ['start'] });
  });

  test('attributes written beside the element, and an EventID with qualifiers, are read', () => {
    const event = parse(
      JSON.stringify({
        Event: {
          System: {
            Provider_attributes: { Name: 'Service Control Manager' },
            EventID: { '#attributes': { Qualifiers: 16384 }, '#text': 7045 },
            TimeCreated_attributes: { SystemTime: '2026-11-20T01:02:03Z' },
            Channel: 'System',
            Computer: 'ws-1',
          },
          EventData: { ServiceName: 'evil', ImagePath: '%COMSPEC%' },
        },
      }),
    );
    expect(event.winlog).toMatchObject({ provider_name: 'Service Control Manager', event_id: 7045 });
    expect(event.service).toEqual({ name: 'evil' });
  });

  test('UserData stays whole and its leaves join event_data where there is none of that name', () => {
    const UserData = { EventXML: { '#attributes': { xmlns: 'x' }, Param1: 'a', Nested: { Param2: 'b' } } };
    const event = parse(JSON.stringify({ Event: { System: { EventID: 21, Channel: 'C', Provider: { Name: 'P' } }, UserData } }));
    expect(event.winlog?.user_data).toEqual(UserData);
    expect(event.winlog?.event_data).toEqual({ Param1: 'a', Param2: 'b' });
  });

  test('field names with blanks are also kept without them', () => {
    const event = parse(
      JSON.stringify({
        Event: { System: { EventID: 1116, Channel: 'Microsoft-Windows-Windows Defender/Operational' }, EventData: { 'Threat Name': 'X' } },
      }),
    );
    expect(event.winlog?.event_data).toEqual({ 'Threat Name': 'X', ThreatName: 'X' });
  });

  test('unnamed Data stays a list under Data, named Data becomes fields', () => {
    const system = { EventID: 400, Channel: 'Windows PowerShell' };
    const list = parse(JSON.stringify({ Event: { System: system, EventData: { Data: { '#text': ['a', 'b'] } } } }));
    expect(list.winlog?.event_data).toEqual({ Data: ['a', 'b'] });
    const named = [{ '#attributes': { Name: 'A' }, '#text': '1' }, { '#attributes': { Name: 'B' } }];
    expect(parse(JSON.stringify({ Event: { System: system, EventData: { Data: named } } })).winlog?.event_data).toEqual({ A: '1', B: '' });
  });

  test('a flat NXLog event: every key that is not of the system is event data; local time is set right by the receipt times', () => {
    const event = parse(
      JSON.stringify({
        EventTime: '2020-08-05 02:09:26',
        EventReceivedTime: '2020-08-05 02:09:29',
        '@timestamp': '2020-08-05T06:09:29.626Z',
        Hostname: 'dc.example',
        host: 'wec',
        EventID: 4625,
        Channel: 'Security',
        SourceName: 'Microsoft-Windows-Security-Auditing',
        EventType: 'AUDIT_FAILURE',
        Message: 'An account failed to log on.',
        SubjectUserName: 'SRV$',
        TargetUserName: 'admin',
        TargetDomainName: 'CORP',
        IpAddress: '10.0.0.9',
        IpPort: '4455',
      }),
    );
    expect(event['@timestamp']).toBe('2020-08-05T06:09:26.000Z');
    expect(event.event).toMatchObject({ outcome: 'failure', category: ['authentication'] });
    expect(event.user).toEqual({ name: 'admin', domain: 'CORP' });
    expect(event.source).toMatchObject({ ip: '10.0.0.9', port: 4455 });
    expect(event.message).toBe('An account failed to log on.');
    expect(event.winlog?.event_data).toEqual({
      SubjectUserName: 'SRV$',
      TargetUserName: 'admin',
      TargetDomainName: 'CORP',
      IpAddress: '10.0.0.9',
      IpPort: '4455',
    });
  });

  test("Sysmon's own EventType is event data, and its UtcTime beats a time without zone", () => {
    const event = parse(
      JSON.stringify({
        TimeCreated: '2020-10-18 10:56:14.285',
        UtcTime: '2020-10-19 02:56:14.283',
        EventID: 13,
        Channel: 'Microsoft-Windows-Sysmon/Operational',
        SourceName: 'Microsoft-Windows-Sysmon',
        Hostname: 'w',
        EventType: 'SetValue',
        TargetObject: 'HKLM\\Run\\x',
        Details: 'evil.exe',
      }),
    );
    expect(event['@timestamp']).toBe('2020-10-19T02:56:14.283Z');
    expect(event.winlog?.event_data?.['EventType']).toBe('SetValue');
    expect(event.registry).toEqual({ path: 'HKLM\\Run\\x', value: 'x', data: { strings: ['evil.exe'] } });
  });

  test('Winlogbeat keeps its own ECS fields, but none of the wrong type', () => {
    const event = parse(
      JSON.stringify({
        '@timestamp': '2026-11-20T00:00:00.000Z',
        event: { code: '4688', action: 'own-action', category: ['process'] },
        host: { name: 'ws-2' },
        user: { name: { not: 'text' }, roles: ['a'] },
        process: { executable: 'C:\\own.exe', pe: { imphash: 'x' } },
        winlog: {
          channel: 'Security',
          provider_name: 'Microsoft-Windows-Security-Auditing',
          event_id: '4688',
          computer_name: 'WS-2.corp',
          event_data: { NewProcessName: 'C:\\given.exe', SubjectUserName: 'bob' },
        },
      }),
    );
    expect(event.winlog).toMatchObject({ event_id: 4688, event_data: { NewProcessName: 'C:\\given.exe' } });
    expect(event.process).toMatchObject({ executable: 'C:\\own.exe', pe: { imphash: 'x' } });
    expect(event.user).toMatchObject({ name: 'bob', roles: ['a'] });
    expect(event.host?.name).toBe('WS-2.corp');
    expect(event.event.action).toBe('own-action');
  });

  test('event XML is read, entities too; a command line that was not escaped cannot hide the rest', () => {
    const xml =
      '<Event xmlns="x"><System><Provider Name="Linux-Sysmon"/><EventID>1</EventID><TimeCreated SystemTime="2026-11-20T01:02:03.5Z"/>' +
      '<Channel>Linux-Sysmon/Operational</Channel><Computer>lx</Computer></System><EventData><Data Name="Image">/bin/sh</Data>' +
      '<Data Name="CommandLine">cat &lt;a <b & c</Data><Data Name="User">root</Data></EventData></Event>';
    const event = parse(`Nov 22 03:00:00 lx sysmon: ${xml}`);
    expect(event.event.module).toBe('sysmon_linux');
    expect(event.winlog?.event_data).toEqual({ Image: '/bin/sh', CommandLine: 'cat <a <b & c', User: 'root' });
    expect(event.host).toEqual({ os: { type: 'linux' }, name: 'lx' });
    expect(parse(xml).process?.executable).toBe('/bin/sh');
  });

  test('event XML cut short keeps what it has and says so', () => {
    const event = parse(
      '<Event><System><Provider Name="Linux-Sysmon"/><EventID>1</EventID><Channel>Linux-Sysmon/Operational</Channel></System>' +
        '<EventData><Data Name="CommandLine">bash -i</Data><Data Name="ParentCommandLine">java -D',
    );
    expect(event.winlog?.event_data).toEqual({ CommandLine: 'bash -i', ParentCommandLine: 'java -D' });
    expect(event.tags).toEqual(['truncated']);
  });
});
