import type { FileHandle } from 'node:fs/promises';

/** Reads forward through a file or a stream in windows that may overlap. The bytes are valid until the next call. */
export interface Window {
  /** Up to `length` bytes from `offset`, which never goes back behind the last one; empty at the end. */
  read(offset: number, length: number): Promise<Buffer>;
}

export class FileWindow implements Window {
  readonly #file: FileHandle;
  #bytes = Buffer.alloc(0);

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    if (this.#bytes.length < length) this.#bytes = Buffer.allocUnsafeSlow(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.#file.read(this.#bytes, filled, length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return this.#bytes.subarray(0, filled);
  }
}

export class StreamWindow implements Window {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);
  /** Offset in the stream of the first byte held. */
  #start = 0;
  #ended = false;

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  async read(offset: number, length: number): Promise<Buffer> {
    this.#drop(offset);
    const parts = [this.#held];
    let size = this.#held.length;
    while (!this.#ended && this.#start + size < offset + length) {
      const next = await this.#chunks.next();
      if (next.done === true) {
        this.#ended = true;
        break;
      }
      parts.push(Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength));
      size += next.value.byteLength;
    }
    if (parts.length > 1) this.#held = Buffer.concat(parts);
    this.#drop(offset);
    return this.#held.subarray(0, length);
  }

  #drop(offset: number): void {
    const gone = Math.min(Math.max(0, offset - this.#start), this.#held.length);
    this.#held = this.#held.subarray(gone);
    this.#start += gone;
  }
}
