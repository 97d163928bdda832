import { describe, expect, it } from 'vitest';
import { ok, warning, type Check } from './finding.ts';
import { json, text } from './print.ts';
import { runChecks } from './run.ts';

describe('checks', () => {
  it('run at once, are bounded each by itself, and come in their order', async () => {
    const done: number[] = [];
    const checks: Check[] = [
      { name: 'hangs', run: async () => await new Promise(() => undefined) },
      { name: 'fails', run: async () => await Promise.reject(new Error('of itself')) },
      { name: 'well', run: async () => [ok('well', 'as it must be'), warning('well', 'nearly', 'do it')] },
    ];
    const findings = await runChecks(checks, { limitMs: 20, onDone: (count) => done.push(count) });
    expect(findings.map(({ check, level }) => `${level} ${check}`)).toEqual(['problem hangs', 'problem fails', 'ok well', 'warning well']);
    expect(findings[0]?.found).toBe('not done within 0.02 s');
    expect(findings[1]?.found).toBe('could not be checked: of itself');
    expect(done).toEqual([1, 2, 3]);
  });

  it('are printed as lines with what to do below, or as JSON', () => {
    const findings = [ok('node', '24'), warning('a longer name', 'nearly', 'run: mend it')];
    expect(text(findings)).toBe(
      'ok       node           24\nwarning  a longer name  nearly\n         → run: mend it\n\n1 ok, 1 warning, 0 problems\n',
    );
    expect(JSON.parse(json(findings))).toEqual({ ok: true, findings });
  });
});
