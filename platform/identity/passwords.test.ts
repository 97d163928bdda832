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
    const took = async (value: string | null) => {
      const start = performance.now();
      await passwords.verify('sai', value);
      return performance.now() - start;
    };
    const [known, unknown]: [number[], number[]] = [[], []];
    for (let i = 0; i < 9; i++) {
      known.push(await took(stored));
      unknown.push(await took(null));
    }
    // The quickest of each: what else the machine does adds time, it never takes any away. Without the decoy the factor is a hundred.
    const factor = Math.min(...known) / Math.min(...unknown);
    expect(factor).toBeGreaterThan(0.5);
    expect(factor).toBeLessThan(2);
  });

  it('refuse more work than the machine can queue, and take new work afterwards', async () => {
    const passwords = createPasswords();
    const codes = await Promise.all(Array.from({ length: 60 }, () => codeOf(passwords.verify('sai', null))));
    expect(codes.filter((code) => code === 'IDENTITY_BUSY')).toHaveLength(18);
    expect(await codeOf(passwords.verify('sai', null))).toBe('none');
  });
});
