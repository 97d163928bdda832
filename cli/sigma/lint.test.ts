import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { lineDiff } from './diff.ts';
import { sigma } from './in-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'sigma-lint-'));
afterAll(() => rmSync(folder, { recursive: true }));

const good = `title: Whoami
id: 9c1f3d9e-2c57-4a39-8a51-0a2f0a1c7f01
status: test
description: What it detects
references:
    - https://example.org/
logsource:
    product: windows
    category: process_creation
detection:
    sel:
        Image|endswith: '\\whoami.exe'
    condition: sel
falsepositives:
    - None known
level: high
`;
const bad = good.replace('Whoami', 'Other').replace('7f01', '7f02').replace('endswith', 'endwith').replace('level: high', 'level: High');

beforeEach(() => {
  rmSync(folder, { recursive: true });
  mkdirSync(join(folder, 'inner'), { recursive: true });
  writeFileSync(join(folder, 'good.yml'), good);
  writeFileSync(join(folder, 'inner', 'bad.yml'), bad);
  writeFileSync(join(folder, 'info.yml'), 'id: x\nrule_metadata:\n    - id: y\nregression_tests_info:\n    - path: z\n');
});

describe('vong sigma lint', () => {
  it('prints findings by file with line, column, severity and check, and exits with 1 for errors', async () => {
    const { code, out, err } = await sigma('lint', folder);
    expect(code).toBe(1);
    expect(out).toContain(`${join(folder, 'inner', 'bad.yml')}\n  12:9     error    "endwith" is not a modifier; did you mean "endswith"?`);
    expect(out).toContain('16:8');
    expect(out).not.toContain('good.yml');
    expect(err).toBe('2 errors, 0 warnings, 0 infos in 2 files; 2 can be fixed with --fix\n');
  });
  it('gives the same as JSON', async () => {
    const { out, err } = await sigma('lint', folder, '--json');
    expect(JSON.parse(out)).toMatchObject({
      files: 2,
      counts: { error: 2, warning: 0, info: 0 },
      fixed: 0,
      findings: [
        { code: 'unknown-modifier', severity: 'error', line: 12, column: 9, rule: '9c1f3d9e-2c57-4a39-8a51-0a2f0a1c7f02' },
        { code: 'unknown-word', line: 16 },
      ],
    });
    expect(err).toBe('');
  });
  it('shows with --dry-run what --fix would change, and changes nothing', async () => {
    const { out } = await sigma('lint', folder, '--dry-run');
    expect(out).toBe(
      `${join(folder, 'inner', 'bad.yml')}\n@@ line 12 @@\n-        Image|endwith: '\\whoami.exe'\n+        Image|endswith: '\\whoami.exe'\n@@ line 16 @@\n-level: High\n+level: high\n`,
    );
    expect(readFileSync(join(folder, 'inner', 'bad.yml'), 'utf8')).toBe(bad);
  });
  it('writes the fixes with --fix, and then finds nothing more', async () => {
    expect(await sigma('lint', folder, '--fix')).toEqual({
      code: 0,
      out: '',
      err: '0 errors, 0 warnings, 0 infos in 2 files; 2 fixed\n',
    });
    expect(readFileSync(join(folder, 'inner', 'bad.yml'), 'utf8')).toBe(good.replace('Whoami', 'Other').replace('7f01', '7f02'));
    expect(readFileSync(join(folder, 'good.yml'), 'utf8')).toBe(good);
  });
  it('leaves out checks and lesser severities when told to', async () => {
    writeFileSync(
      join(folder, 'inner', 'bad.yml'),
      good
        .replace(/level: .*\n/, '')
        .replace('7f01', '7f02')
        .replace('Whoami', 'Other'),
    );
    expect((await sigma('lint', folder)).code).toBe(0);
    expect((await sigma('lint', folder, '--strict')).code).toBe(1);
    expect((await sigma('lint', folder, '--strict', '--ignore', 'missing-level')).code).toBe(0);
    expect((await sigma('lint', folder, '--strict', '--severity', 'error')).err).toContain('0 errors, 0 warnings');
  });
  it('exits with 2 for what is not there', async () => {
    expect((await sigma('lint', join(folder, 'none'))).code).toBe(2);
    expect((await sigma('lint', folder, '--ignore', 'no-such-check')).code).toBe(2);
    expect((await sigma('lint', folder, '--severity', 'huge')).code).toBe(2);
    expect((await sigma('lint', join(folder, 'info.yml'))).code).toBe(2);
  });
  it('writes no control characters of a rule to the terminal', async () => {
    writeFileSync(join(folder, 'inner', 'bad.yml'), good.replace('test', '"\\e[31mtest"'));
    expect((await sigma('lint', folder)).out).not.toContain('\u001B');
  });
});

describe('lineDiff', () => {
  it('turns the old text into the new one', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(patch(before, lineDiff(before, after))).toBe(after);
      }),
    );
  });
});

/** Applies a difference. */
function patch(before: string, diff: readonly string[]): string {
  const lines = before.split('\n');
  const result: string[] = [];
  let next = 0;
  for (const line of diff) {
    const start = /^@@ line (\d+) @@$/.exec(line)?.[1];
    if (start !== undefined) while (next < Number(start) - 1) result.push(lines[next++] ?? '');
    else if (line.startsWith('+')) result.push(line.slice(1));
    else expect(lines[next++]).toBe(line.slice(1));
  }
  return [...result, ...lines.slice(next)].join('\n');
}
