import { CHECKS } from 'sigma-rules-ts/lint';
import { expect, it } from 'vitest';
import { byFile, findingsOf, findingsOfFiles, quoted, severestByLine } from './findings.ts';
import { en } from './words.en.ts';
import { vi } from './words.vi.ts';

it('every check has words in both languages', () => {
  const codes = Object.keys(CHECKS).map((code) => `check.${code}`);
  for (const words of [vi, en])
    expect(
      Object.keys(words)
        .filter((key) => key.startsWith('check.'))
        .toSorted(),
    ).toEqual(codes.toSorted());
});

it('finds the lines of a rule that need a look, and leaves out what nobody has to act on', async () => {
  const text =
    "title: A\nid: x\nextra: 1\nlogsource:\n    product: windows\ndetection:\n    s:\n        Image|endswit: 'a'  \n    condition: s\n";
  const found = await findingsOf(text);
  expect(found.map(({ line, code }) => [line, code])).toEqual(
    expect.arrayContaining([
      [2, 'bad-id'],
      [8, 'unknown-modifier'],
    ]),
  );
  expect(severestByLine(found).get(8)).toBe('error');
  expect(severestByLine(found).get(1)).toBe('warning');
  expect(found.map(({ code }) => code)).not.toContain('trailing-space');
  expect(found.map(({ code }) => code)).not.toContain('custom-attribute');
});

const rule = (field: string, product = 'windows'): string =>
  `title: A rule\nid: 9c1f3d9e-2c57-4a39-8a51-0a2f0a1c7f01\nlevel: high\nstatus: test\ndescription: Something\nlogsource: {product: ${product}, category: process_creation}\ndetection:\n    s:\n        ${field}: a\n    condition: s\n`;
const events = [
  'shapes: [{name: any, requires: [], roots: [""], keywords: [""]}]\nlogsources: [{is: {product: windows, category: process_creation}}]',
];
const renaming =
  'transformations: [{type: field_name_mapping, mapping: {Befehl: CommandLine}}, {type: change_logsource, product: windows, rule_conditions: [{type: logsource, product: fenster}]}]';
const codes = async (text: string, processing: string[]): Promise<string[]> =>
  (await findingsOf(text, { events, processing })).map(({ code }) => code);

it('compares log sources and fields with the pipelines of the server, after its processing pipelines', async () => {
  expect(await codes(rule('CommandLine'), [])).toEqual([]);
  expect(await codes(rule('Befehl'), [])).toEqual(['unknown-field']);
  expect(await codes(rule('Befehl'), [renaming])).toEqual([]);
  expect(await codes(rule('CommandLine', 'fenster'), [])).toEqual(['unknown-logsource']);
  expect(await codes(rule('CommandLine', 'fenster'), [renaming])).toEqual([]);
});

it('checks files one by one and puts those with errors first, warnings apart', async () => {
  const done: number[] = [];
  const files = [
    { file: 'warned.yml', text: rule('CommandLine').replace('level: high\n', '') },
    { file: 'good.yml', text: rule('CommandLine') },
    { file: 'bad.yml', text: rule('CommandLine|nonsense').replace('level: high\n', '') },
  ];
  const signal = new AbortController().signal;
  const found = await findingsOfFiles(files, { pipelines: { events, processing: [] }, onFile: (count) => done.push(count), signal });
  expect(byFile(found).map(({ file, errors, others }) => [file, errors.map(({ code }) => code), others.map(({ code }) => code)])).toEqual([
    ['bad.yml', ['unknown-modifier'], ['missing-level']],
    ['warned.yml', [], ['missing-level']],
  ]);
  expect(done.at(-1)).toBe(3);
});

it('names what a message is about', () => {
  expect(quoted('There is no detection "a"; did you mean "b"? Not "a".')).toEqual({ about: ['a'], instead: 'b' });
  expect(quoted('It has no level.')).toEqual({ about: [] });
});
