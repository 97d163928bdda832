import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { yamlParts } from './yaml.ts';

const kinds = (line: string): string =>
  yamlParts(line)
    .map(({ kind, text }) => `${kind}(${text})`)
    .join('');

describe('a line of YAML', () => {
  it('is told apart into key, value and comment', () => {
    expect(kinds('title: A b  # why')).toBe('key(title)mark(:)text( A b  )comment(# why)');
    expect(kinds("    - Image|endswith: '\\cmd.exe'")).toBe("mark(    - )key(Image|endswith)mark(:)text( '\\cmd.exe')");
    expect(kinds('# a comment')).toBe('comment(# a comment)');
    expect(kinds('    - https://example.com/#part')).toBe('mark(    - )text(https://example.com/#part)');
  });

  it('keeps a # within quotes', () => {
    expect(kinds("  x: 'a # b'")).toBe("mark(  )key(x)mark(:)text( 'a # b')");
  });

  it('loses no character of any line', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 60 }), (line) => {
        expect(
          yamlParts(line)
            .map(({ text }) => text)
            .join(''),
        ).toBe(line);
      }),
    );
  });

  it('takes no longer than its length allows', () => {
    const started = performance.now();
    yamlParts(`${' -'.repeat(50_000)}${'a '.repeat(100_000)}`);
    expect(performance.now() - started).toBeLessThan(6000);
  });
});
