import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LINT_PAGE, lintReference } from './reference.ts';

it('docs/reference/sigma-lint.md lists every check as it is (node cli/sigma/reference.ts --write)', () => {
  expect(readFileSync(LINT_PAGE, 'utf8')).toBe(lintReference());
});
