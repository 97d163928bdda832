import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sigma } from './in-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'sigma-explain-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
const rule = file(
  'rule.yml',
  `title: Whoami
id: r1
logsource: {product: windows, category: process_creation}
detection:
    sel:
        Image|endswith: '\\whoami.exe'
    filter:
        User|expand: '%admins%'
    condition: sel and not filter
---
title: Plain
id: r2
logsource: {product: windows, service: security}
detection:
    sel:
        EventID: 4624
    condition: sel
`,
);
const Channel = 'Microsoft-Windows-Sysmon/Operational';
const event = { EventID: 1, Channel, Image: 'C:\\Whoami.exe', User: 'an' };
const one = file('one.json', JSON.stringify(event, undefined, 2));
const lines = file('lines.ndjson', `${JSON.stringify({ ...event, User: 'root\u001B[2J' })}\n${JSON.stringify(event)}\n`);

describe('vong sigma explain', () => {
  it('prints the tree with what was seen and what matched, and exits with 0 for a match', async () => {
    expect(await sigma('explain', '--rule', rule, '--event', one, '--id', 'r1', '--value', 'admins=root')).toEqual({
      code: 0,
      err: '',
      out: `Whoami (r1): matches
✔ log source: the event is windows/process_creation
✔ and
  ✔ sel
    ✔ Image|endswith: \\whoami.exe
      Image = C:»\\Whoami.exe«
  ✔ not
    ✘ filter
      ✘ User|expand: %admins%
        User = an
`,
    });
  });
  it('says what the log source wants of an event the rule does not look at, and exits with 1', async () => {
    const { code, out } = await sigma('explain', '--rule', rule, '--event', one, '--id', 'r2');
    expect(code).toBe(1);
    expect(out).toContain('Plain (r2): does not match\n✘ log source: the event is not windows/security: its Channel is');
    expect(out).toContain('it is windows/process_creation/sysmon');
  });
  it('takes a line of NDJSON, or its first one, and shows no control characters', async () => {
    const flags = ['explain', '--rule', rule, '--event', lines, '--id', 'r1', '--value', 'admins=root*'];
    const first = await sigma(...flags);
    expect(first.code).toBe(1);
    expect(first.out).toContain('User = »root«\\x1b[2J');
    expect((await sigma(...flags, '--line', '2')).code).toBe(0);
    expect((await sigma(...flags, '--line', '9')).code).toBe(2);
  });
  it('parses a sample as the collector would', async () => {
    const sample = file(
      'sample.ndjson',
      JSON.stringify({ format: 'windows', raw: JSON.stringify({ ...event, '@timestamp': '2026-01-01T00:00:00Z', Hostname: 'a' }) }),
    );
    const { out } = await sigma('explain', '--rule', rule, '--event', sample, '--id', 'r1', '--value', 'admins=root', '--json');
    expect(JSON.parse(out)).toMatchObject({ id: 'r1', matched: true, matches: [{ path: 'winlog.event_data.Image', span: [2, 13] }] });
  });
  it('explains what filters and processing pipelines make of the rule', async () => {
    const filters = file(
      'mf.yml',
      'title: F\nlogsource: {product: windows}\nfilter: {rules: [r1, elsewhere], root: {User: root}, condition: not root}\n',
    );
    const pipeline = file('p.yml', 'transformations: [{type: field_name_mapping, mapping: {Image: Path}}]\n');
    const with_ = ['--rule', rule, '--id', 'r1', '--value', 'admins=admin', '--filters', filters, '--pipeline', pipeline, '--json'];
    const found = async (fields: object) =>
      await sigma('explain', ...with_, '--event', file('e.json', JSON.stringify({ EventID: 1, Channel, ...fields })));
    expect((await found({ Path: 'C:\\whoami.exe', User: 'an' })).code).toBe(0);
    expect((await found({ Image: 'C:\\whoami.exe', User: 'an' })).code).toBe(1);
    const filtered = await found({ Path: 'C:\\whoami.exe', User: 'root' });
    expect(filtered.code).toBe(1);
    expect(filtered.out).toContain('_filter_root');
  });
  it('asks for the values of placeholders, and refuses what cannot be read', async () => {
    expect(await sigma('explain', '--rule', rule, '--event', one, '--id', 'r1')).toMatchObject({ code: 2, out: '' });
    expect(await sigma('explain', '--rule', rule, '--event', join(folder, 'none'), '--id', 'r2')).toMatchObject({ code: 2 });
    expect(await sigma('explain', '--rule', rule, '--event', rule, '--id', 'r2')).toMatchObject({ code: 2 });
    expect(await sigma('explain', '--rule', rule, '--event', one, '--id', 'r3')).toMatchObject({ code: 2 });
    expect(await sigma('explain', '--rule', rule, '--event', one, '--line', 'x')).toMatchObject({ code: 2 });
  });
});
