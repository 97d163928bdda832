import { assert, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hexLines, textOf } from './hex.ts';

describe('bytes in hex', () => {
  it('have their place, their values and what can be read of them', () => {
    expect(hexLines(new TextEncoder().encode('MZ\n'))).toEqual([`00000000  4d 5a 0a${' '.repeat(40)}  |MZ.|`]);
    expect(hexLines(new Uint8Array(17)).at(-1)?.startsWith('00000010  00')).toBe(true);
  });

  it('are all there, in order', () => {
    assert(
      property(uint8Array({ maxLength: 100 }), (bytes) => {
        const read = hexLines(bytes).flatMap((line) =>
          line
            .slice(10, 58)
            .trim()
            .split(/\s+/)
            .filter((part) => part !== ''),
        );
        expect(read.map((part) => Number.parseInt(part, 16))).toEqual([...bytes]);
      }),
    );
  });

  it('keep their columns straight', () => {
    const lines = hexLines(new Uint8Array(40).fill(0x41));
    expect(new Set(lines.map((line) => line.indexOf('|'))).size).toBe(1);
  });
});

it('text shows what is no text instead of hiding it', () => {
  expect(textOf(new Uint8Array([0x41, 0x00, 0x1b, 0x0a, 0xff]))).toBe('A\u2400\u241b\n\ufffd');
});
