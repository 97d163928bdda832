import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { fold, formatBytes, formatDuration, formatNumber, formatRelative, formatTime, parseTime, truncateMiddle } from './format.ts';

const at = Date.UTC(2026, 10, 22, 7, 3, 7, 250);

describe('times', () => {
  it('are written in Asia/Ho_Chi_Minh, day first', () => {
    expect(formatTime(at)).toBe('22/11/2026 14:03:07');
    expect(formatTime(at, 'milliseconds')).toBe('22/11/2026 14:03:07.250');
    expect(formatTime(Date.UTC(2026, 11, 31, 17, 0))).toBe('01/01/2027 00:00:00');
    expect(formatTime(Number.NaN)).toBe('–');
  });

  it('agree with the time zone database for any moment since 1976', () => {
    const intl = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Ho_Chi_Minh', dateStyle: 'short', timeStyle: 'medium' });
    fc.assert(
      fc.property(fc.integer({ min: 2e11, max: 4e12 }), (ms) => {
        expect(formatTime(ms)).toBe(intl.format(ms).replace(', ', ' '));
      }),
    );
  });

  it('are read back as they are written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (s) => {
        expect(parseTime(formatTime(s * 1000))).toBe(s * 1000);
      }),
    );
  });

  it.each(['31/02/2026', '22/13/2026', '22/11/2026 25:00', '22/11/2026 10:61', 'hôm qua', ''])(
    'that do not exist are refused: %s',
    (text) => {
      expect(parseTime(text)).toBeUndefined();
    },
  );

  it('are relative to a given now, in the language', () => {
    expect(formatRelative(at - 180_000, at, 'en')).toBe('3 minutes ago');
    expect(formatRelative(at - 180_000, at, 'vi')).toBe('3 phút trước');
  });
});

describe('numbers', () => {
  it('have the separators of the language', () => {
    expect(formatNumber(12_480, 'vi')).toBe('12.480');
    expect(formatNumber(12_480, 'en')).toBe('12,480');
    expect(formatBytes(1536, 'vi')).toBe('1,5 KiB');
    expect(formatBytes(3 * 1024 ** 2, 'en')).toBe('3 MiB');
  });

  it.each([
    [180, '180 ms'],
    [4200, '4.2 s'],
    [59_400, '59 s'],
    [252_000, '4 m 12 s'],
    [240_000, '4 m'],
    [11_100_000, '3 h 5 m'],
    [187_200_000, '2 d 4 h'],
    [-50, '−50 ms'],
  ])('of milliseconds are durations: %i → %s', (ms, text) => expect(formatDuration(ms, 'en')).toBe(text));
});

describe('truncateMiddle', () => {
  it('keeps both ends and the length asked for', () => {
    expect(truncateMiddle('C:\\Windows\\System32\\cmd.exe', 15)).toBe('C:\\Wind…cmd.exe');
  });

  it('never cuts a character in two, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 3, max: 40 }), (text, max) => {
        const short = truncateMiddle(text, max);
        expect(Array.from(short).length).toBeLessThanOrEqual(Math.max(max, Array.from(text).length <= max ? max : 0));
        expect(short.isWellFormed()).toBe(true);
      }),
    );
  });
});

it('fold makes typed search indifferent to marks and đ', () => {
  expect(fold('Đà Nẵng')).toBe('da nang');
  expect(fold('Ủy ban nhân dân')).toBe('uy ban nhan dan');
});
