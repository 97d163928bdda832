import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sigma-eval-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ENV = { ...process.env, VONG_CACHE: join(folder, 'cache') };
const rule =
  "title: Whoami\nid: r1\nlogsource: {product: windows, category: process_creation}\ndetection:\n    s:\n        Image|endswith: '\\whoami.exe'\n    condition: s\n";
writeFileSync(join(folder, 'rule.yml'), rule);
writeFileSync(join(folder, 'bad.yml'), 'title: Bad\n');
const sysmon = 'Microsoft-Windows-Sysmon/Operational';
const lines = [
  { EventID: 1, Channel: sysmon, Image: 'C:\\whoami.exe' },
  { EventID: 1, Channel: sysmon, Image: 'C:\\other.exe' },
  { Event: { System: { EventID: 1, Channel: sysmon }, EventData: { Image: 'C:\\WHOAMI.exe' } } },
  { winlog: { channel: 'Security', event_id: 4688, event_data: { NewProcessName: 'C:\\whoami.exe' } } },
].map((event) => JSON.stringify(event));
const text = `${lines.slice(0, 2).join('\n')}\n\n${lines.slice(2).join('\n')}`;
const expected = [1, 4, 5].map((line) => ({ line, rule: 'r1', title: 'Whoami' }));

async function evaluate(arguments_: string[], input?: string): Promise<{ code: number; out: unknown[]; err: string }> {
  return await new Promise((resolve) => {
    const child = execFile(process.execPath, [main, 'sigma', 'eval', ...arguments_], { env: ENV }, (error, stdout, stderr) => {
      const out = stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as unknown);
      resolve({ code: error === null ? 0 : Number(error.code), out, err: stderr });
    });
    child.stdin?.end(input ?? '');
  });
}

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('vong sigma eval', () => {
  it('prints a line per match, counting the lines of the file from 1, and a summary on standard error', async () => {
    const { code, out, err } = await evaluate(['--rules', folder, '--events', file('events.ndjson', text), '--json']);
    expect(out).toEqual(expected);
    expect(JSON.parse(err)).toMatchObject({
      rules: 1,
      failed: [{ code: 'SIGMA_ATTRIBUTE', line: 1 }],
      events: 4,
      matches: 3,
      unreadable: 0,
      without_logsource: 0,
    });
    expect(code).toBe(0);
  });
  it.each([
    ['zst', zstdCompressSync(text)],
    ['gz', gzipSync(text)],
  ])('unpacks .%s', async (ending, content) => {
    const { out } = await evaluate(['--rules', folder, '--events', file(`events.ndjson.${ending}`, content)]);
    expect(out).toEqual(expected);
  });
  it('reads standard input', async () => {
    const { out, err } = await evaluate(['--rules', join(folder, 'rule.yml'), '--events', '-'], text);
    expect(out).toEqual(expected);
    expect(err).toContain('3 matches');
  });
  it('goes on past lines that are not JSON objects, names them and exits with 1', async () => {
    const { code, out, err } = await evaluate([
      '--rules',
      join(folder, 'rule.yml'),
      '--events',
      file('broken.ndjson', `{\n[]\n${lines[0]}`),
    ]);
    expect(out).toEqual([{ line: 3, rule: 'r1', title: 'Whoami' }]);
    expect(err).toContain('first: 1, 2');
    expect(code).toBe(1);
  });
  it('exits with 1 for failed rules only when told to be strict', async () => {
    expect((await evaluate(['--rules', folder, '--events', '-', '--strict'], lines[1])).code).toBe(1);
  });
  it('applies filters to the rules they name, and reports those that name none', async () => {
    const filters = join(folder, 'filters');
    mkdirSync(filters);
    const filter = (rules: string): string =>
      `title: F\nlogsource: {product: windows}\nfilter: {rules: [${rules}], own: {NewProcessName: '*'}, condition: not own}\n`;
    writeFileSync(join(filters, 'mf_one.yml'), filter('r1'));
    writeFileSync(join(filters, 'mf_two.yml'), filter('gone'));
    const { out, err } = await evaluate([
      '--rules',
      join(folder, 'rule.yml'),
      '--events',
      file('filtered.ndjson', text),
      '--filters',
      filters,
      '--json',
    ]);
    expect(out).toEqual(expected.slice(0, 2));
    expect(JSON.parse(err)).toMatchObject({ rules: 1, failed: [{ code: 'SIGMA_FILTER', file: join(filters, 'mf_two.yml') }] });
    const among = join(filters, 'rules');
    mkdirSync(among);
    writeFileSync(join(among, 'both.yml'), `${rule}---\n${filter('r1')}`);
    expect((await evaluate(['--rules', among, '--events', join(folder, 'filtered.ndjson')])).out).toEqual(expected.slice(0, 2));
  });
  it('applies processing pipelines by priority, and names the line of one that cannot be read', async () => {
    const upper = file(
      'upper.pipeline',
      'name: u\npriority: 2\ntransformations:\n  - {type: field_name_transform, transform_func: lower}\n',
    );
    const dotted = file('dotted.pipeline', 'priority: 1\ntransformations:\n  - {type: field_name_mapping, mapping: {Image: Exe}}\n');
    const wrong = file('wrong.pipeline', 'transformations:\n  - type: invented\n');
    const event = JSON.stringify({ EventID: 1, Channel: sysmon, exe: 'C:\\whoami.exe' });
    const on = ['--rules', join(folder, 'rule.yml'), '--events', '-'];
    const { out } = await evaluate([...on, '--pipeline', upper, '--pipeline', dotted], event);
    expect(out).toEqual([{ line: 1, rule: 'r1', title: 'Whoami' }]);
    const refused = await evaluate([...on, '--pipeline', wrong], event);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain(`${wrong}:2:11 SIGMA_PROCESSING`);
  });
  it('exits with 2 for what cannot be read', async () => {
    expect((await evaluate(['--rules', join(folder, 'none'), '--events', '-'])).code).toBe(2);
    expect((await evaluate(['--rules', folder, '--events', join(folder, 'none')])).code).toBe(2);
    expect((await evaluate(['--rules', folder, '--events', file('cut.ndjson.gz', gzipSync(text).subarray(0, 60))])).code).toBe(2);
    expect((await evaluate(['--rules', folder])).code).toBe(2);
  });
});
