import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isEvtx, parseEvtx, readEvtx } from './index.ts';
import type { EvtxItem, EvtxRecord } from './index.ts';
import { buildEvtx, utf16 } from './test/build.ts';
import type { BuiltRecord } from './test/build.ts';
import { nest } from './test/cases.ts';
import { denseChunk, seal } from './test/dense.ts';
import { regressionFiles } from './test/samples.ts';

const CHUNK_AT = 4096;
const samples = regressionFiles('evtx');

function simple(text: string): BuiltRecord {
  const data = { element: 'Data', attributes: { Name: ['v'] }, children: [{ substitute: 0 }] };
  const template = { element: 'Event', children: [{ element: 'EventData', children: [data] }] };
  return { template, values: [{ type: 1, bytes: utf16(text) }] };
}

const three = buildEvtx([simple('a'), simple('b'), simple('c')]);

function values(items: Iterable<EvtxItem>): (string | undefined)[] {
  return [...items].filter((item): item is EvtxRecord => item.error === undefined).map(valueOf);
}

function valueOf({ json }: EvtxRecord): string | undefined {
  const parsed: { Event: { EventData: { v?: string } } } = JSON.parse(json);
  return parsed.Event.EventData.v;
}

function reasons(items: Iterable<EvtxItem>): string[] {
  return [...items].flatMap((item) => (item.error === undefined ? [] : [item.error.reason]));
}

async function collect(items: AsyncIterable<EvtxItem>): Promise<EvtxItem[]> {
  const all: EvtxItem[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Offset in the file of the n-th record. */
function recordAt(file: Buffer, index: number): number {
  let at = CHUNK_AT + 512;
  for (let count = 0; count < index; count++) at += file.readUInt32LE(at + 4);
  return at;
}

function altered(change: (file: Buffer) => void): Buffer {
  const copy = Buffer.from(three);
  change(copy);
  return copy;
}

describe('a sound file', () => {
  it('gives its records in order with id, time, JSON and offset', () => {
    const items = [...parseEvtx(three)];
    expect(items.map((item) => item.recordId)).toEqual([1n, 2n, 3n]);
    const expected = { recordId: 1n, timestamp: '2024-09-05T08:53:20.000000Z', offset: 4608 };
    expect(items[0]).toEqual({ ...expected, json: '{"Event":{"EventData":{"v":"a"}}}' });
  });

  it('is recognised by its first bytes', () => {
    expect(isEvtx(three)).toBe(true);
    expect(isEvtx(Buffer.from('{"Event":'))).toBe(false);
  });

  it('reads the same from a path and from a stream as from memory', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'vong-evtx-'));
    try {
      const path = join(directory, 'log.evtx');
      writeFileSync(path, Buffer.concat([three, three.subarray(CHUNK_AT), three.subarray(CHUNK_AT, CHUNK_AT + 3000)]));
      const expected = [...parseEvtx(readFileSync(path))];
      expect(expected).toHaveLength(10);
      expect(await collect(readEvtx(path))).toEqual(expected);
      expect(await collect(readEvtx(createReadStream(path, { highWaterMark: 777 })))).toEqual(expected);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it('leaves out records up to the id that was read before', () => {
    expect(values(parseEvtx(three, { after: 2n }))).toEqual(['c']);
  });

  it.skipIf(samples.length === 0)('gives every record of full chunks', () => {
    const dense = samples.map((path) => denseChunk(readFileSync(path))).filter((each) => each !== undefined);
    expect(dense.length).toBeGreaterThan(5);
    for (const { header, chunk, records } of dense) {
      const items = [...parseEvtx(Buffer.concat([header, chunk]))];
      expect(reasons(items)).toEqual([]);
      expect(items).toHaveLength(records);
    }
  });
});

describe('a damaged file', () => {
  it('loses only the record whose values were overwritten', () => {
    const file = altered((copy) => copy.fill(0xff, recordAt(copy, 1) + 30, recordAt(copy, 1) + 60));
    expect(values(parseEvtx(file))).toEqual(['a', 'c']);
    const problems = [...parseEvtx(file)].filter((item) => item.error !== undefined);
    expect(problems.map(({ recordId }) => recordId)).toEqual([undefined, 2n]);
    expect(problems[0]?.error?.reason).toBe('check sum of the chunk records is wrong');
  });

  it('finds the next record after one whose header is gone', () => {
    const file = altered((copy) => copy.fill(0, recordAt(copy, 1), recordAt(copy, 1) + 8));
    expect(values(parseEvtx(file))).toEqual(['a', 'c']);
    expect(reasons(parseEvtx(file))).toContain('no record where one should start');
  });

  it('gives the whole records of a file that is cut off', () => {
    const cut = three.subarray(0, recordAt(three, 2) + 20);
    expect(values(parseEvtx(cut))).toEqual(['a', 'b']);
    expect(reasons(parseEvtx(cut))).toContain(`chunk is cut off after ${cut.length - CHUNK_AT} bytes`);
  });

  it('says that a file is not one, and ends', () => {
    expect(reasons(parseEvtx(Buffer.from('not a log')))).toEqual(['file is cut off after 9 bytes']);
    expect(reasons(parseEvtx(Buffer.alloc(9000, 1)))).toEqual(['file does not begin with ElfFile', 'no chunk where one should start']);
    expect(reasons(parseEvtx(Buffer.alloc(0)))).toEqual(['file is cut off after 0 bytes']);
  });

  it('goes on at the next chunk after bytes that were lost or inserted', () => {
    const chunk = three.subarray(CHUNK_AT);
    const file = Buffer.concat([three, Buffer.alloc(1000, 7), chunk, chunk]);
    expect(values(parseEvtx(file))).toHaveLength(9);
    expect(reasons(parseEvtx(file))).toEqual(['no chunk where one should start']);
  });

  it('steps over chunks that were allocated and never used', () => {
    const file = Buffer.concat([three, Buffer.alloc(128 * 1024), three.subarray(CHUNK_AT)]);
    expect([...parseEvtx(file)]).toHaveLength(6);
  });

  it('reads a wrong check sum of the file header as a problem and goes on', () => {
    const file = altered((copy) => copy.writeUInt32LE(1, 120));
    expect(reasons(parseEvtx(file))).toEqual([]);
    const broken = altered((copy) => copy.writeUInt32LE(9, 8));
    expect(reasons(parseEvtx(broken))).toEqual(['check sum of the file header is wrong']);
    expect(values(parseEvtx(broken))).toHaveLength(3);
  });
});

describe('records that the chunk header does not declare', () => {
  const undeclared = altered((copy) => seal(copy.subarray(CHUNK_AT), recordAt(copy, 2) - CHUNK_AT));

  it('are read when their ids go on: the file was copied while it was written', () => {
    const items = [...parseEvtx(undeclared)];
    expect(values(items)).toEqual(['a', 'b', 'c']);
    expect(items.map((item) => item.error === undefined && item.slack)).toEqual([undefined, undefined, true]);
  });

  it('are left out when they are old, and read on demand', () => {
    const old = Buffer.from(undeclared);
    old.writeBigUInt64LE(1n, recordAt(old, 2) + 8);
    expect(values(parseEvtx(old))).toEqual(['a', 'b']);
    expect(values(parseEvtx(old, { slack: true }))).toEqual(['a', 'b', 'c']);
  });
});

describe('a hostile file', () => {
  it('does not nest without end', () => {
    let element: BuiltRecord['template'] = 'x';
    for (let level = 0; level < 300; level++) element = { element: 'e', children: [element] };
    expect(reasons(parseEvtx(buildEvtx([{ template: element, values: [] }])))).toEqual(['elements nest deeper than 128']);
    const nested = buildEvtx([nest(300, { element: 'e', children: ['x'] })]);
    expect(reasons(parseEvtx(nested))).toEqual(['elements nest deeper than 256']);
  });

  it('does not multiply itself: nested values that each refer eight times to the next', () => {
    let record: BuiltRecord = { template: { element: 'e', children: ['x'.repeat(100)] }, values: [] };
    for (let level = 0; level < 12; level++) {
      const children = Array.from({ length: 8 }, () => ({ substitute: 0, type: 0x21 }));
      record = { template: { element: 'e', children }, values: [{ type: 0x21, nested: record }] };
    }
    const started = performance.now();
    expect(reasons(parseEvtx(buildEvtx([record])))).toEqual(['record expands to more than 100000 elements']);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('does not grow a record beyond its limit', () => {
    const children = Array.from({ length: 200 }, () => ({ substitute: 0 }));
    const record = { template: { element: 'e', children }, values: [{ type: 1, bytes: utf16('y'.repeat(10_000)) }] };
    expect(reasons(parseEvtx(buildEvtx([record]), { recordBytes: 1_000_000 }))).toEqual(['record expands to more than 1000000 bytes']);
  });

  it('keeps a name that would change an object as plain text', () => {
    const file = buildEvtx([{ template: { element: 'Event', children: [{ element: '__proto__', children: ['x'] }] }, values: [] }]);
    expect([...parseEvtx(file)][0]).toMatchObject({ json: '{"Event":{"__proto__":"x"}}' });
  });
});
