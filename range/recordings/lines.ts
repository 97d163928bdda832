import type { Bytes } from './streams.ts';

/** Longest line or document that is read; the gateway takes records of 1 MB. */
export const PIECE_BYTES = 4 * 1024 * 1024;

/** A part of a text: its bytes, and where it starts in the stream. */
export interface Piece {
  readonly bytes: Buffer;
  readonly offset: number;
}

/** Lines without their ends (LF or CRLF), blank ones left out. A line longer than `PIECE_BYTES` is reported and left out. */
export async function* splitLines(source: Bytes, report: (reason: string) => void): AsyncGenerator<Piece> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let offset = 0;
  let position = 0;
  for await (const raw of source) {
    const chunk = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const last = chunk.subarray(from, end);
      const tooLong = heldBytes + last.length > PIECE_BYTES;
      const line = trimEnd(heldBytes === 0 ? last : Buffer.concat([...held, last]));
      if (tooLong) report(`the line at ${offset} is longer than ${PIECE_BYTES} bytes`);
      else if (line.length > 0) yield { bytes: line, offset };
      held = [];
      heldBytes = 0;
      from = end + 1;
      offset = position + from;
    }
    const tail = chunk.subarray(from);
    heldBytes += tail.length;
    // Of a line that is too long only its length is kept.
    if (heldBytes > PIECE_BYTES) held = [];
    else if (tail.length > 0) held.push(tail);
    position += chunk.length;
  }
  if (heldBytes > PIECE_BYTES) report(`the line at ${offset} is longer than ${PIECE_BYTES} bytes`);
  const line = trimEnd(Buffer.concat(held));
  if (line.length > 0 && heldBytes <= PIECE_BYTES) yield { bytes: line, offset };
}

function trimEnd(line: Buffer): Buffer {
  if (line.length === 0) return line;
  const end = line.at(-1) === 13 ? line.length - 1 : line.length;
  for (let at = 0; at < end; at++) if ((line[at] ?? 0) > 32) return line.subarray(0, end);
  return line.subarray(0, 0);
}
