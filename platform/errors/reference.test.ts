import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { collectCatalogues, ERRORS_PAGE, errorsReference } from './reference.ts';

describe('the catalogues of errors', () => {
  it('are all in docs/reference/errors.md, with code, status and message', async () => {
    // To bring the page up to date: node platform/errors/reference.ts --write
    expect(readFileSync(ERRORS_PAGE, 'utf8')).toBe(await errorsReference());
  });

  it('give each code once, in capitals, with an HTTP status of failure and a whole sentence', async () => {
    const codes: string[] = [];
    for (const { entries } of await collectCatalogues()) {
      for (const [code, { status, message }] of Object.entries(entries)) {
        codes.push(code);
        const sound = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(code) && status >= 400 && status < 600 && /^\S/.test(message);
        expect([code, sound]).toEqual([code, true]);
      }
    }
    expect(codes.toSorted()).toEqual([...new Set(codes)].toSorted());
    expect(codes.length).toBeGreaterThan(20);
  });
});
