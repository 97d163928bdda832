import { CHECKS } from 'sigma-rules-ts/lint';
import { expect, it } from 'vitest';
import { findingsOf, severestByLine } from './findings.ts';
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
