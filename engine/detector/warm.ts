/**
 * Events of the common Windows log sources, empty but for what names their source. Matching them once before a rule set is used
 * builds what it builds on first sight of a source, so that the first real events do not wait for it.
 */
const SYSMON = 'Microsoft-Windows-Sysmon';
const AUDITING = 'Microsoft-Windows-Security-Auditing';
const SYSMON_IDS = Array.from({ length: 29 }, (_, n) => n + 1);
const SECURITY_IDS = [1102, 4624, 4625, 4656, 4658, 4663, 4672, 4688, 4697, 4698, 4720, 4768, 4769, 5140, 5145, 5156];
const POWERSHELL_IDS = [4103, 4104];

export const WARM_EVENTS: readonly object[] = [
  ...SYSMON_IDS.map((id) => windows(`${SYSMON}/Operational`, SYSMON, id)),
  ...SECURITY_IDS.map((id) => windows('Security', AUDITING, id)),
  ...POWERSHELL_IDS.map((id) => windows('Microsoft-Windows-PowerShell/Operational', 'Microsoft-Windows-PowerShell', id)),
  windows('System', 'Service Control Manager', 7045),
  windows('Windows PowerShell', 'PowerShell', 800),
];

function windows(channel: string, provider: string, id: number): object {
  const fields = { Image: 'C:\\a.exe', CommandLine: 'a', TargetFilename: 'C:\\a', TargetObject: 'HKLM\\a', ImageLoaded: 'C:\\a.dll' };
  return {
    '@timestamp': '2026-01-01T00:00:00.000Z',
    event: { kind: 'event', original: '', module: 'windows', code: String(id), provider },
    winlog: { channel, provider_name: provider, event_id: id, event_data: fields },
  };
}
