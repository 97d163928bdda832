/** From lines in a buffer to records. */
import { isAscii, isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import type { RawRecord, RecordFormat } from '../../contracts.ts';
import type { Line } from './lines.ts';

/** What all records of one file have in common. */
export interface Envelope {
  readonly source: string;
  readonly path?: string;
  readonly format?: RecordFormat;
  readonly host: string;
  /** Start of every id; with the offset and the checksum the id stays below 64 characters. */
  readonly idPrefix: string;
}

/**
 * `id` = prefix, byte offset of the line and CRC-32 of its bytes. The checksum keeps two inputs apart that only look the same to
 * an agent that lost its positions (a reused path, another text on stdin); equal content at an equal place keeps its id.
 */
export function toRecords(
  data: Buffer,
  lines: readonly Line[],
  place: { envelope: Envelope; offset: number; collected: string },
): RawRecord[] {
  const whole = lines.length === 0 ? undefined : encodingOf(data.subarray(lines[0]?.start ?? 0, lines.at(-1)?.end ?? 0));
  return lines.map((line) => {
    const bytes = data.subarray(line.start, line.end);
    const { envelope } = place;
    return {
      id: `${envelope.idPrefix}.${(place.offset + line.start).toString(36)}.${crc32(bytes).toString(36)}`,
      source: envelope.source,
      ...(envelope.path === undefined ? {} : { path: envelope.path }),
      ...(envelope.format === undefined ? {} : { format: envelope.format }),
      collected: place.collected,
      host: envelope.host,
      ...textOf(bytes, whole === 'bytes' ? encodingOf(bytes) : (whole ?? 'utf8'), place.offset + line.start),
      ...(line.part === undefined ? {} : { labels: { line_part: String(line.part + 1) } }),
    };
  });
}

type Encoding = 'ascii' | 'utf8' | 'bytes';

function encodingOf(bytes: Buffer): Encoding {
  if (isAscii(bytes)) return 'ascii';
  return isUtf8(bytes) ? 'utf8' : 'bytes';
}

function textOf(bytes: Buffer, encoding: Encoding, offset: number): { raw: string } | { raw64: string } {
  if (encoding === 'ascii') return { raw: bytes.toString('latin1') };
  if (encoding === 'bytes') return { raw64: bytes.toString('base64') };
  const text = bytes.toString('utf8');
  return { raw: offset === 0 && text.startsWith('\uFEFF') ? text.slice(1) : text };
}
