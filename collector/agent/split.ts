/** Halves of a batch that a gateway (or a proxy before it) finds too large. */
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { SpooledBatch } from './spool.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
const LINE_FEED = 0x0a;

export type Half = Pick<SpooledBatch, 'body' | 'records'>;

/** The batch's records in order, cut where the first half has half of the records. The batch has at least two. */
export async function halve({ body, records }: SpooledBatch): Promise<readonly [Half, Half]> {
  const lines = await decompress(body);
  const first = Math.floor(records / 2);
  let cut = 0;
  for (let line = 0; line < first; line += 1) cut = lines.indexOf(LINE_FEED, cut) + 1;
  const [one, other] = await Promise.all([compress(lines.subarray(0, cut)), compress(lines.subarray(cut))]);
  return [
    { body: one, records: first },
    { body: other, records: records - first },
  ];
}
