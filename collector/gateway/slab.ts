/**
 * Text → UTF-8 in large shared buffers that are used again: fresh memory for every event costs more than the encoding itself.
 * What `encode` gave is valid until `reset`.
 */
const SLAB_BYTES = 1024 * 1024;
/** Buffers kept for the next batch; an unusually large one gives the rest back. */
const KEPT = 32;

export class Slab {
  #buffers: Buffer[] = [Buffer.allocUnsafeSlow(SLAB_BYTES)];
  #current = 0;
  #at = 0;

  encode(text: string): Uint8Array {
    // A UTF-16 code unit takes at most three bytes.
    const most = text.length * 3;
    if (most > SLAB_BYTES / 4) return Buffer.from(text);
    if (this.#at + most > SLAB_BYTES) {
      this.#current++;
      this.#at = 0;
    }
    const buffer = (this.#buffers[this.#current] ??= Buffer.allocUnsafeSlow(SLAB_BYTES));
    const start = this.#at;
    this.#at += buffer.write(text, start);
    return buffer.subarray(start, this.#at);
  }

  reset(): void {
    this.#buffers.length = Math.min(this.#buffers.length, KEPT);
    this.#current = 0;
    this.#at = 0;
  }
}
