import { recordingError } from './errors.ts';
import type { Piece } from './lines.ts';
import { PIECE_BYTES } from './lines.ts';
import type { Bytes } from './streams.ts';

const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d] as const;

/**
 * JSON objects in a row, however they are laid out, and the objects of a top-level array. Looks at brackets and strings only, so a
 * document is given as it was written. What stands between objects is stepped over; a document that does not end is reported.
 */
export async function* splitDocuments(source: Bytes, report: (reason: string) => void): AsyncGenerator<Piece> {
  const scanner = new Scanner();
  for await (const raw of source) {
    const chunk = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
    yield* scanner.scan(chunk);
  }
  if (scanner.open) report(`the document at ${scanner.offset} does not end`);
}

class Scanner {
  /** Where the document under way starts. */
  offset = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #position = 0;

  get open(): boolean {
    return this.#depth > 0;
  }

  *scan(chunk: Buffer): Generator<Piece> {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.#depth === 0) {
        if (byte !== OPEN) continue;
        this.offset = this.#position + at;
        this.#depth = 1;
        from = at;
      } else if (this.#closes(byte)) {
        yield { bytes: Buffer.concat([...this.#held, chunk.subarray(from, at + 1)]), offset: this.offset };
        this.#held = [];
        this.#heldBytes = 0;
      }
    }
    if (this.#depth > 0) this.#hold(chunk.subarray(from));
    this.#position += chunk.length;
  }

  /** True when this byte ends the document. */
  #closes(byte: number): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.#inString = false;
      return false;
    }
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OPEN || byte === OPEN_LIST) this.#depth++;
    else if (byte === CLOSE || byte === CLOSE_LIST) return --this.#depth === 0;
    return false;
  }

  #hold(part: Buffer): void {
    this.#heldBytes += part.length;
    if (this.#heldBytes > PIECE_BYTES) {
      const reason = `the document at ${this.offset} is longer than ${PIECE_BYTES} bytes`;
      throw recordingError('RECORDING_DAMAGED', { count: 1, reason });
    }
    this.#held.push(part);
  }
}
