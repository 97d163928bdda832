import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseEvtx } from '../index.ts';
import { regressionFiles } from './samples.ts';

const pairs = regressionFiles('evtx')
  .map((evtx) => ({ evtx, json: evtx.replace(/\.evtx$/, '.json') }))
  .filter(({ json }) => existsSync(json));

describe.skipIf(pairs.length === 0)('the JSON that SigmaHQ publishes beside its EVTX files', () => {
  it('describes our records, but for white space at the end of values', () => {
    let described = 0;
    for (const { evtx, json } of pairs) {
      const ours = [...parseEvtx(readFileSync(evtx))].map((item) => {
        expect({ evtx, error: item.error }).toEqual({ evtx, error: undefined });
        return 'json' in item ? trimmed(JSON.parse(item.json)) : undefined;
      });
      for (const document of documents(readFileSync(json, 'utf8'))) {
        expect(ours).toContainEqual(document);
        described++;
      }
    }
    expect(described).toBeGreaterThanOrEqual(pairs.length);
  });
});

/** Some files hold several documents in a row: a line that is `}` ends one. */
function documents(text: string): unknown[] {
  return text
    .replaceAll('\r', '')
    .split(/(?<=^\})\n/m)
    .filter((each) => each.trim() !== '')
    .map((each): unknown => trimmed(JSON.parse(each)));
}

/** They were written by a parser that drops white space at the end of values. */
function trimmed(value: unknown): unknown {
  if (typeof value === 'string') return value.trimEnd();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, trimmed(each)]));
}
