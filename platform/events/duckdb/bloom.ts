/**
 * A Bloom filter over event ids: says for certain that a segment does not hold an id. 24 bits an id, 12 probes: 1 in 70,000 false
 * alarms, so that a batch of new events seldom makes the store look into a file.
 */
const BITS_PER_ID = 24;
const PROBES = 12;

export interface IdHash {
  readonly first: number;
  readonly step: number;
}

export class Bloom {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  static for(ids: Iterable<string>, count: number): Bloom {
    const bloom = new Bloom(new Uint8Array(Math.max(8, Math.ceil((count * BITS_PER_ID) / 8))));
    for (const id of ids) bloom.add(hashOf(id));
    return bloom;
  }

  has(id: string): boolean {
    return this.hasHash(hashOf(id));
  }

  /** As `has`: an id is hashed once, whatever the number of filters asked. */
  hasHash({ first, step }: IdHash): boolean {
    const { bytes } = this;
    const bits = bytes.length * 8;
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = (first + probe * step) % bits;
      if (((bytes[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
    }
    return true;
  }

  private add({ first, step }: IdHash): void {
    const bits = this.bytes.length * 8;
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = (first + probe * step) % bits;
      this.bytes[bit >>> 3] = (this.bytes[bit >>> 3] ?? 0) | (1 << (bit & 7));
    }
  }
}

export function hashOf(id: string): IdHash {
  let first = 0x811c9dc5;
  let second = 0x9747b28c;
  for (let at = 0; at < id.length; at++) {
    const code = id.charCodeAt(at);
    first = Math.imul(first ^ code, 0x01000193);
    second = Math.imul(second ^ code, 0x5bd1e995);
    second ^= second >>> 15;
  }
  return { first: first >>> 0, step: (second | 1) >>> 0 };
}
