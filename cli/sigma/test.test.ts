import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { sharedPath, sharedPresent } from '../../deploy/testbed/shared.ts';
import { sigma } from './in-process.ts';
import { escaped } from './junit.ts';

const folder = mkdtempSync(join(tmpdir(), 'sigma-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ID = '9c1f3d9e-2c57-4a39-8a51-0a2f0a1c7f01';
const rule = `title: Whoami <&>
id: ${ID}
logsource: {product: windows, category: process_creation}
detection:
    sel:
        Image|endswith: '\\whoami.exe'
    condition: sel
`;
const event = { EventID: 1, Channel: 'Microsoft-Windows-Sysmon/Operational', Image: 'C:\\whoami.exe' };
const [fires, silent] = [JSON.stringify(event), JSON.stringify({ ...event, Image: 'C:\\other.exe' })];

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}
write({
  'own/pass/rule.yml': rule,
  'own/pass/firing.ndjson': `${fires}\n${fires}\n`,
  'own/pass/silent.ndjson': `${silent}\n`,
  'own/quiet/rule.yml': rule,
  'own/quiet/firing.ndjson': `${fires}\n${silent}\n`,
  'own/quiet/silent.ndjson': `${fires}\n`,
  'own/bare/rule.yml': rule,
  'own/bare/firing.ndjson': `${fires}\n`,
  'own/broken/rule.yml': 'title: x\n',
  'own/broken/firing.ndjson': `${fires}\n`,
  'own/broken/silent.ndjson': `${silent}\n`,
  'hq/rules/a.yml': rule,
  'hq/regression_data/rules/a/info.yml': `rule_metadata:\n    - id: ${ID}\nregression_tests_info:\n    - name: P\n      type: evtx\n      match_count: 2\n      path: regression_data/rules/a/a.evtx\n`,
  'hq/regression_data/rules/a/a.json': `${fires}\n${fires}\n`,
  'hq/regression_data/rules/none/info.yml': `rule_metadata:\n    - id: ${ID}\n# regression_tests_info:\n`,
});

interface Results {
  readonly results: { name: string; failures: { place: string; reason: string }[] }[];
}

describe('vong sigma test', () => {
  it('runs rules as filters and processing pipelines make them, correlations too', async () => {
    const filter = (rules: string): string =>
      `title: Known\nid: known\nlogsource: {product: windows, category: process_creation}\nfilter: {rules: ${rules}, own: {Image|contains: other}, condition: not own}\n`;
    const mapped = rule.replace('Image|endswith', 'Bild|endswith').replace('condition: sel', 'condition: sel or not sel');
    const related = `---\ntitle: Twice\nid: twice\ncorrelation: {type: event_count, rules: [${ID}], group-by: [Rechner], timespan: 1h, condition: {gte: 2}}\n`;
    const timed = (text: string): string =>
      JSON.stringify({ ...(JSON.parse(text) as object), Hostname: 'h', '@timestamp': '2026-01-01T00:00:00Z' });
    write({
      'tuned/cases/one/rule.yml': mapped,
      'tuned/cases/one/firing.ndjson': `${fires}\n`,
      'tuned/cases/one/silent.ndjson': `${silent}\n`,
      'tuned/cases/two/rule.yml': rule.replace('Image|', 'Bild|') + related,
      'tuned/cases/two/firing.ndjson': `${timed(fires)}\n${timed(fires)}\n`,
      'tuned/cases/two/silent.ndjson': `${timed(fires)}\n${timed(silent)}\n`,
      'tuned/filters/f.yml': filter(`[${ID}]`),
      'tuned/idle/f.yml': filter('[gone]'),
      'tuned/p.yml': 'transformations:\n  - {type: field_name_mapping, mapping: {Bild: Image, Rechner: Hostname}}\n',
    });
    const at = (name: string): string => join(folder, 'tuned', name);
    const tuned = [at('cases'), '--pipeline', at('p.yml')];
    expect((await sigma('test', ...tuned, '--filters', at('filters'))).code).toBe(0);
    expect((await sigma('test', ...tuned)).out).toMatch(/FAIL {2}one\n.*silent\.ndjson:1: the rule fires\npass {2}two/s);
    expect((await sigma('test', at('cases'), '--filters', at('filters'))).out).toMatch(/FAIL {2}two/);
    const { code, err } = await sigma('test', ...tuned, '--filters', at('filters'), at('idle'));
    expect([code, err]).toEqual([1, expect.stringMatching(/f\.yml:4 SIGMA_FILTER .*there is no rule "gone"/)]);
  });
  it('passes a rule that matches its firing samples and none of its silent ones', async () => {
    const { code, out, err } = await sigma('test', join(folder, 'own', 'pass'));
    expect([code, out]).toEqual([0, 'pass  pass  2 firing, 1 silent\n']);
    expect(err).toMatch(/^1 passed, 0 failed, 0 skipped in /);
  });
  it('fails the others, says at which event and why, and exits with 1', async () => {
    const { code, out } = await sigma('test', join(folder, 'own'), '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ cases: 4, passed: 1, failed: 3, skipped: 0 });
    const failures = (JSON.parse(out) as Results).results.map((result) => [
      result.name,
      result.failures.map(({ place, reason }) => `${place}: ${reason}`),
    ]);
    expect(failures).toEqual([
      ['bare', ['bare: it has no silent.ndjson']],
      ['broken', [expect.stringContaining('SIGMA_ATTRIBUTE')]],
      ['pass', []],
      [
        'quiet',
        [
          'firing.ndjson:2: the rule does not fire: sel › Image|endswith: \\whoami.exe is false (Image = C:\\other.exe)',
          'silent.ndjson:1: the rule fires',
        ],
      ],
    ]);
  });
  it('takes the samples of a correlation as one stream: it fires on the one and not on the other', async () => {
    const counted = `title: Many\nid: many\ncorrelation:\n    type: event_count\n    rules:\n        - ${ID}\n    group-by:\n        - Image\n    timespan: 1m\n    condition:\n        gte: 3\n---\n${rule}`;
    const at = (second: number): string =>
      JSON.stringify({ '@timestamp': `2026-01-01T00:0${Math.floor(second / 60)}:${String(second % 60).padStart(2, '0')}Z`, ...event });
    const [near, far] = [[10, 0, 20].map(at).join('\n'), [0, 20, 90].map(at).join('\n')];
    write({ 'stream/good/rule.yml': counted, 'stream/good/firing.ndjson': near, 'stream/good/silent.ndjson': far });
    write({ 'stream/bad/rule.yml': counted, 'stream/bad/firing.ndjson': far, 'stream/bad/silent.ndjson': `${near}\n${fires}` });
    const { code, out } = await sigma('test', join(folder, 'stream'));
    expect(code).toBe(1);
    expect(out).toBe(
      `FAIL  bad\n      firing.ndjson: the correlation "Many" does not fire\n      silent.ndjson:4: it has no time (@timestamp)\n      silent.ndjson: the correlation "Many" fires\npass  good  3 firing, 3 silent\n`,
    );
  });
  it('writes JUnit XML that holds the failures', async () => {
    const path = join(folder, 'junit.xml');
    await sigma('test', join(folder, 'own'), '--junit', path);
    const xml = readFileSync(path, 'utf8');
    expect(xml).toMatch(/<testsuite name="sigma" tests="4" failures="3" errors="0" skipped="0"/);
    expect(xml).toMatch(/<testcase classname="pass" name="Whoami &lt;&amp;&gt;" time="[\d.]+"\/>/);
    expect(xml).toContain('<failure message="bare: it has no silent.ndjson">');
    expect(escaped('a\u0000\uD800"\n')).toBe('a\uFFFD\uFFFD&quot;&#10;');
  });
  it('finds the rules of regression_data beside it, counts matches, and skips what has no tests', async () => {
    const { code, out } = await sigma('test', join(folder, 'hq', 'regression_data'));
    expect([code, out]).toEqual([0, 'pass  rules/a  2 firing, 0 silent\nskip  rules/none: info.yml names no tests\n']);
    write({ 'hq/regression_data/rules/a/a.json': fires });
    const less = await sigma('test', join(folder, 'hq', 'regression_data', 'rules', 'a'), '--rules', join(folder, 'hq', 'rules'));
    expect(less).toMatchObject({ code: 1, out: expect.stringContaining('1 of 1 events match, 2 are expected') as string });
  });
  it('exits with 2 where there is nothing to test', async () => {
    expect((await sigma('test', join(folder, 'hq', 'rules'))).code).toBe(2);
    expect((await sigma('test', join(folder, 'none'))).code).toBe(2);
  });
  it('passes every rule of ours', async () => {
    const { code, err } = await sigma('test', fileURLToPath(new URL('../../rules/sigma', import.meta.url)));
    expect([code, err]).toEqual([0, expect.stringMatching(/^14 passed, 0 failed/)]);
  });
  it.skipIf(!sharedPresent)(
    'passes every case of SigmaHQ’s regression data',
    async () => {
      const { code, err } = await sigma('test', sharedPath('data', 'sigmahq', 'regression_data'));
      expect([code, err]).toEqual([0, expect.stringMatching(/^153 passed, 0 failed, 1 skipped/)]);
    },
    60_000,
  );
});
