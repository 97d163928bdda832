import { describe, expect, it } from 'vitest';
import { createPasswords } from './passwords.ts';
import { codeOf } from './test/setup.ts';

describe('passwords', () => {
  it('verify against their own hash only, each with its own salt', async () => {
    const passwords = createPasswords();
    const [one, two] = await Promise.all([passwords.hash('con trâu là đầu'), passwords.hash('con trâu là đầu')]);
    expect(one).not.toBe(two);
    expect(await passwords.verify('con trâu là đầu', one)).toBe(true);
    expect(await passwords.verify('con trâu là đuôi', one)).toBe(false);
  });

  it('never verify where there is no password, nor against a damaged one', async () => {
    const passwords = createPasswords();
    for (const stored of [null, '', '$argon2id$v=19$m=9,t=1,p=1$AA$AA']) expect(await passwords.verify('bất kỳ', stored)).toBe(false);
  });

  it('take as long for a name nobody has as for one somebody has', async () => {
    const passwords = createPasswords();
    const stored = await passwords.hash('con trâu là đầu');
    const median = async (value: string | null) => {
      const times = [];
      for (let i = 0; i < 7; i++) {
        const start = performance.now();
        await passwords.verify('sai', value);
        times.push(performance.now() - start);
      }
      return times.toSorted((a, b) => a - b)[3]!;
    };
    await median(null);
    const [known, unknown] = [await median(stored), await median(null)];
    // Without the decoy an unknown name answers a hundred times faster; a loaded machine alone does not make a factor of four.
    expect(Math.max(known, unknown) / Math.min(known, unknown)).toBeLessThan(4);
  });

  it('refuse more work than the machine can queue, and take new work afterwards', async () => {
    const passwords = createPasswords();
    const codes = await Promise.all(Array.from({ length: 60 }, () => codeOf(passwords.verify('sai', null))));
    expect(codes.filter((code) => code === 'IDENTITY_BUSY')).toHaveLength(18);
    expect(await codeOf(passwords.verify('sai', null))).toBe('none');
  });
});
