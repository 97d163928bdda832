import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseEvtx } from '../index.ts';
import { cases } from './cases.ts';
import { regressionFiles } from './samples.ts';

interface OracleRecord {
  id?: number;
  json?: string;
  error?: string;
}

const python = findOracle();
const samples = regressionFiles('evtx');

/** Token kinds of the format that the reference parser does not read. */
const UNREAD_BY_ORACLE = ['cdata'];

describe.skipIf(python === undefined)('compared with the Rust parser (PyPI evtx 0.14)', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'vong-evtx-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it.skipIf(samples.length === 0)('every record of every regression file is equal to it', () => {
    const theirs = askOracle(samples);
    let compared = 0;
    samples.forEach((path, index) => {
      expect({ path, records: ours(readFileSync(path)) }).toEqual({ path, records: theirs[index] });
      compared += theirs[index]?.length ?? 0;
    });
    expect(compared).toBeGreaterThanOrEqual(180);
  });

  it('every value type, array, nesting and mixed content is equal to it', () => {
    const built = [...cases()].filter(([name]) => !UNREAD_BY_ORACLE.includes(name));
    const paths = built.map(([name, bytes]) => {
      const path = join(directory, `${name}.evtx`);
      writeFileSync(path, bytes);
      return path;
    });
    const theirs = askOracle(paths);
    built.forEach(([name, bytes], index) => expect({ name, records: ours(bytes) }).toEqual({ name, records: theirs[index] }));
    expect(built.length).toBeGreaterThan(300);
  });
});

/** Text, not parsed: also the order of keys and the form of numbers are equal. */
function ours(bytes: Buffer): OracleRecord[] {
  return [...parseEvtx(bytes)].map((item) =>
    item.error === undefined ? { id: Number(item.recordId), json: item.json } : { error: item.error.reason },
  );
}

function askOracle(paths: readonly string[]): OracleRecord[][] {
  const input = paths.map((path) => `${path}\n`).join('');
  const output = execFileSync(python ?? '', [join(import.meta.dirname, 'oracle.py')], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  return output
    .trimEnd()
    .split('\n')
    .map((line): OracleRecord[] => JSON.parse(line));
}

function findOracle(): string | undefined {
  const script = join(import.meta.dirname, '../../../../deploy/testbed/evtx-oracle.sh');
  try {
    return execFileSync('sh', [script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 120_000 }).trim();
  } catch {
    return undefined;
  }
}
