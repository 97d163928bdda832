/** Lines from a stream of chunks: keeps the unfinished line between them. */
import { LINE_LIMIT, splitLines, type Line } from './file/index.ts';

export interface Cut {
  readonly data: Buffer;
  /** Place of `data` in the whole stream. */
  readonly offset: number;
  readonly lines: readonly Line[];
}

/** Holds at most one line limit and one chunk. */
export class LineStream {
  readonly #maxLines: number;
  #rest: Buffer = Buffer.alloc(0);
  #offset = 0;
  #part = 0;

  constructor(maxLines: number) {
    this.#maxLines = maxLines;
  }

  push(chunk: Buffer): Generator<Cut> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    return this.#cuts(false);
  }

  /** What is left, its last line without an end. */
  end(): Generator<Cut> {
    return this.#cuts(true);
  }

  *#cuts(final: boolean): Generator<Cut> {
    while (this.#rest.length > 0) {
      const data = this.#rest;
      const split = splitLines(data, { part: this.#part, limit: LINE_LIMIT, maxLines: this.#maxLines, final });
      if (split.consumed === 0) return;
      const cut = { data, offset: this.#offset, lines: split.lines };
      this.#rest = data.subarray(split.consumed);
      this.#offset += split.consumed;
      this.#part = split.part;
      yield cut;
    }
  }
}
