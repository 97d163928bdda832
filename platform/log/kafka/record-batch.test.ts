import { gzipSync } from 'node:zlib';
import { createRecordsBatch, Reader, readRecordsBatch, type MessageRecord } from '@platformatic/kafka';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../contract.ts';
import { decodeBatch, encodeRecords, splitBatches, stampBatch, type RawBatch } from './record-batch.ts';

const NOW = 1_790_000_000_000;
const stamp = { producerId: 77n, epoch: 3, sequence: 41 };
const anyRecords = fc.array(
  fc.record({
    key: fc.string({ unit: 'binary', maxLength: 40 }).map((key) => key.toWellFormed()),
    value: fc.uint8Array({ maxLength: 300 }),
  }),
  { minLength: 1, maxLength: 60 },
);
const batchOf = (records: readonly LogRecord[]): Buffer => stampBatch(encodeRecords(records, NOW), stamp);
const plain = (records: readonly { key: string; value: Uint8Array }[]) =>
  records.map(({ key, value }) => [key, Buffer.from(value).toString('hex')]);

function only(data: Buffer): RawBatch {
  const [batch, ...more] = splitBatches(data);
  expect(more).toEqual([]);
  return batch!;
}

describe('a record batch', () => {
  it('comes back as it was written, with the offset of each record', () => {
    fc.assert(
      fc.property(anyRecords, fc.nat(2 ** 40), (records, base) => {
        const data = batchOf(records);
        // The broker writes where it stored it.
        data.writeBigInt64BE(BigInt(base), 0);
        const decoded = decodeBatch(only(data));
        expect(plain(decoded)).toEqual(plain(records));
        expect(decoded.map(({ offset }) => offset)).toEqual(records.map((_, index) => base + index));
        expect(new Set(decoded.map(({ timestamp }) => timestamp))).toEqual(new Set([NOW]));
      }),
      { numRuns: 200 },
    );
  });

  it('is what the client reads, and what the client writes is read', () => {
    fc.assert(
      fc.property(anyRecords, (records) => {
        const theirs = readRecordsBatch(Reader.from(batchOf(records)));
        expect(theirs).toMatchObject({ producerId: 77n, producerEpoch: 3, firstSequence: 41, lastOffsetDelta: records.length - 1 });
        expect(theirs.records.map(({ key, value }) => [key?.toString(), value?.toString('hex')])).toEqual(plain(records));
        for (const compression of ['none', 'gzip', 'zstd'] as const) {
          const messages = records.map(({ key, value }): MessageRecord => ({
            key: Buffer.from(key),
            value: Buffer.from(value),
            topic: 't',
            partition: 0,
            headers: new Map([[Buffer.from('a'), Buffer.from('b')]]),
          }));
          expect(plain(decodeBatch(only(createRecordsBatch(messages, { compression }).buffer)))).toEqual(plain(records));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('that is cut off at the end of a fetch is left for the next one', () => {
    const data = batchOf([{ key: 'a', value: Buffer.from('1') }]);
    const more = Buffer.concat([data, data]);
    for (let length = 0; length < data.length; length++) expect(splitBatches(more.subarray(0, length))).toEqual([]);
    for (let length = data.length; length < more.length; length++) expect(splitBatches(more.subarray(0, length))).toHaveLength(1);
    expect(splitBatches(more)).toHaveLength(2);
  });

  it('with a changed byte is found damaged or reads as before, never as something else', () => {
    const records = Array.from({ length: 20 }, (_, index) => ({ key: `host-${index}`, value: Buffer.alloc(50, index) }));
    const data = batchOf(records);
    fc.assert(
      fc.property(fc.nat(data.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(data);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        const decoded = attempt(() => splitBatches(damaged).flatMap((batch) => decodeBatch(batch)));
        if (Array.isArray(decoded) && decoded.length > 0) expect(plain(decoded)).toEqual(plain(records));
      }),
      { numRuns: 2000 },
    );
  });

  it('of any bytes ends in records or in an error, with memory for what is there', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        attempt(() => splitBatches(Buffer.from(bytes)).flatMap((batch) => decodeBatch(batch)));
      }),
      { numRuns: 2000 },
    );
  });

  it('compressed by a codec that is not read here says which', () => {
    const data = batchOf([{ key: 'a', value: gzipSync('x') }]);
    const lz4 = createRecordsBatch([{ key: Buffer.from('a'), value: Buffer.from('1'), topic: 't', partition: 0 }], {
      compression: 'lz4',
    }).buffer;
    expect(() => decodeBatch(only(lz4))).toThrow('compressed with codec 3, which is neither gzip nor zstd');
    expect(decodeBatch(only(data))).toHaveLength(1);
  });
});

/** Errors must be plain ones with a message. */
function attempt<Result>(body: () => Result): Result | undefined {
  try {
    return body();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).not.toBe('');
    return undefined;
  }
}
