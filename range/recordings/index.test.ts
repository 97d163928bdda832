import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, describe, expect, it } from 'vitest';
import { openRecording, recogniseRecording } from './index.ts';
import type { RecordedEvent, RecordingOptions } from './index.ts';

const directory = mkdtempSync(join(tmpdir(), 'vong-recordings-'));
const SHARED = join(process.env['VONG_SHARED'] ?? join(import.meta.dirname, '../../../shared'), 'data');
const INDEX = join(SHARED, 'otrf/INDEX.csv');
const otrf = readIndex();

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function readIndex(): { path: string; events: number }[] {
  try {
    const rows = readFileSync(INDEX, 'utf8').trim().split('\n').slice(1);
    return rows.map((row) => row.split(',')).map((cells) => ({ path: cells[0] ?? '', events: Number(cells[3]) }));
  } catch {
    return [];
  }
}

async function events(content: string | Uint8Array, options: RecordingOptions = {}): Promise<RecordedEvent[]> {
  const path = join(directory, 'recording');
  writeFileSync(path, content);
  return await all(path, options);
}

async function all(path: string, options: RecordingOptions = {}): Promise<RecordedEvent[]> {
  const found: RecordedEvent[] = [];
  for await (const event of openRecording(path, options)) found.push(event);
  return found;
}

async function raws(content: string | Uint8Array): Promise<string[]> {
  return (await events(content)).map(({ raw }) => raw);
}

async function tar(files: Record<string, string>): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) archive.entry({ name }, content);
  archive.finalize();
  return await buffer(archive);
}

const A = '{"EventID":1,"Channel":"c","TimeCreated":"2020-10-18 10:56:18.799"}';
const B = '{"a":"} \\" {","b":[1,{"c":2}]}';

describe('the layout of a text', () => {
  it('NDJSON: a line is an event, blank lines and the form of line ends do not matter', async () => {
    expect(await raws(`${A}\r\n\n${B}`)).toEqual([A, B]);
    expect(await raws(`\uFEFF${A}\n${B}\n`)).toEqual([A, B]);
  });

  it('NDJSON: a damaged line is given as it is and costs no other', async () => {
    expect(await raws(`${A}\n{"broken": "\n${B}\n`)).toEqual([A, '{"broken": "', B]);
  });

  it('documents that span lines, several in a row, keep their text', async () => {
    const pretty = JSON.stringify(JSON.parse(B), null, 2);
    expect(await raws(`${pretty}\n${pretty}\r\n\r\n${pretty}`)).toEqual([pretty, pretty, pretty]);
  });

  it('an array gives its elements', async () => {
    expect(await raws(`[${A},\n ${B}]`)).toEqual([A, B]);
    expect(await raws('[]')).toEqual([]);
  });

  it('a CloudTrail file gives its records', async () => {
    expect(await events('{"Records":[{"a":1},{"b":2}]}')).toMatchObject([
      { raw: '{"a":1}', position: '0.0' },
      { raw: '{"b":2}', position: '0.1' },
    ]);
  });

  it('log lines, also when they begin with a bracket', async () => {
    const lines = ['[2026-11-22 04:00:00] started', 'Nov 22 04:00:00 host sshd[1]: hello'];
    expect(await raws(lines.join('\n'))).toEqual(lines);
  });

  it('UTF-16 with its mark is read, bytes that are no UTF-8 are kept', async () => {
    expect(await raws(Buffer.from(`\uFEFF${A}\n${B}`, 'utf16le'))).toEqual([A, B]);
    const [event] = await events(Buffer.from([0x61, 0xff, 0x62]));
    expect(event).toMatchObject({ raw: 'a\uFFFDb', raw64: 'Yf9i' });
  });

  it('a document that does not end is reported after the others were given', async () => {
    const problems: string[] = [];
    const content = '{\n "a": 1\n}\n{\n "b": ';
    expect(await events(content, { onProblem: (reason) => problems.push(reason) })).toHaveLength(1);
    expect(problems).toEqual(['the document at 12 does not end']);
    await expect(events(content)).rejects.toMatchObject({ code: 'RECORDING_DAMAGED' });
  });

  it('a line of many megabytes is left out and reported', async () => {
    const problems: string[] = [];
    const found = await events(`${A}\n${'x'.repeat(5 * 1024 * 1024)}\n${B}`, { onProblem: (reason) => problems.push(reason) });
    expect(found.map(({ raw }) => raw)).toEqual([A, B]);
    expect(problems).toEqual([`the line at ${A.length + 1} is longer than 4194304 bytes`]);
  });
});

describe('packed recordings', () => {
  const text = `${A}\n${B}\n`;

  it('gzip and zstd, also in each other', async () => {
    expect(await raws(gzipSync(text))).toEqual([A, B]);
    expect(await raws(zstdCompressSync(gzipSync(text)))).toEqual([A, B]);
  });

  it('tar and tar.gz: each file by its own content, macOS leftovers aside', async () => {
    const archive = await tar({ 'x/one.json': A, '__MACOSX/._one.json': 'junk', '._two.json': 'junk', '../two.json': `[${B}]` });
    const found = await events(gzipSync(archive));
    expect(found.map(({ raw, position }) => [position, raw])).toEqual([
      ['0/0', A],
      ['3/1', B],
    ]);
    expect(await raws(archive)).toEqual([A, B]);
  });

  it('a packed file that is cut off gives what it has, then says so', async () => {
    const whole = gzipSync(Array.from({ length: 20_000 }, (_, index) => `{"n":${index},"r":"${Math.sin(index)}"}`).join('\n'));
    const problems: string[] = [];
    const found = await events(whole.subarray(0, whole.length / 2), { onProblem: (reason) => problems.push(reason), times: false });
    expect(found.length).toBeGreaterThan(5000);
    expect(problems).toEqual(['unexpected end of file']);
  });

  it('stops at a bomb', async () => {
    const bomb = gzipSync(gzipSync(Buffer.alloc(20 * 1024 * 1024, 10)));
    expect(bomb.length).toBeLessThan(1000);
    const reading = events(bomb, { times: false, unpackBytes: 10 * 1024 * 1024 });
    await expect(reading).rejects.toMatchObject({ code: 'RECORDING_DAMAGED', message: expect.stringContaining('unpacks to more than') });
  });

  it('does not follow packing without end', async () => {
    let content: Buffer = Buffer.from(A);
    for (let layer = 0; layer < 8; layer++) content = gzipSync(content);
    await expect(events(content)).rejects.toMatchObject({ code: 'RECORDING_DAMAGED' });
  });
});

describe('every event', () => {
  it('has a position of its own that is the same at every reading', async () => {
    const content = gzipSync(await tar({ a: `${A}\n${A}\n`, b: `${A}\n` }));
    const positions = (await events(content)).map(({ position }) => position);
    expect(new Set(positions).size).toBe(3);
    expect((await events(content)).map(({ position }) => position)).toEqual(positions);
  });

  it('has its time as the parsers read it, none when it names none', async () => {
    const [a, b] = await events(`${A}\n${B}`);
    expect(a?.time).toBe(Date.UTC(2020, 9, 18, 10, 56, 18, 799));
    expect(b).not.toHaveProperty('time');
  });
});

describe('a file that is none', () => {
  it('is missing, empty or a folder', async () => {
    await expect(all(join(directory, 'missing'))).rejects.toMatchObject({ code: 'RECORDING_MISSING' });
    await expect(all(directory)).rejects.toMatchObject({ code: 'RECORDING_MISSING' });
    expect(await events('')).toEqual([]);
    expect(await recogniseRecording(join(directory, 'recording'))).toBeUndefined();
  });
});

describe.skipIf(otrf.length === 0)("OTRF's recordings", () => {
  it('give as many events as their index counts', async () => {
    const sample = otrf.filter(({ path }, index) => index % 6 === 0 || path.endsWith('.gz') || path.endsWith('regsvr32.zip'));
    for (const { path, events: expected } of sample) {
      const problems: string[] = [];
      const options = { times: false, onProblem: (reason: string) => problems.push(reason) };
      let counted = 0;
      for await (const event of openRecording(join(SHARED, 'otrf', path), options)) counted += event.raw === '' ? 0 : 1;
      // Both tar.gz were published without the last bytes of their compression; the events are all there.
      expect({ path, counted, problems }).toEqual({
        path,
        counted: expected,
        problems: path.endsWith('.gz') ? ['unexpected end of file'] : [],
      });
    }
  });

  it('are recognised as archives', async () => {
    for (const { path } of otrf.slice(0, 5)) expect(await recogniseRecording(join(SHARED, 'otrf', path))).toBe('archive');
  });
});
