/** A Bloom filter over event ids: says for certain that a segment does not hold an id. 12 bits an id, 5 probes: 0.5 % false alarms. */
const BITS_PER_ID = 12;
const PROBES = 5;

export class Bloom {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  static for(ids: Iterable<string>, count: number): Bloom {
    const bloom = new Bloom(new Uint8Array(Math.max(8, Math.ceil((count * BITS_PER_ID) / 8))));
    for (const id of ids) bloom.add(id);
    return bloom;
  }

  has(id: string): boolean {
    const bits = this.bytes.length * 8;
    const [first, step] = hashes(id);
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = (first + probe * step) % bits;
      if (((this.bytes[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
    }
    return true;
  }

  private add(id: string): void {
    const bits = this.bytes.length * 8;
    const [first, step] = hashes(id);
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = (first + probe * step) % bits;
      this.bytes[bit >>> 3] = (this.bytes[bit >>> 3] ?? 0) | (1 << (bit & 7));
    }
  }
}

function hashes(id: string): readonly [number, number] {
  let first = 0x811c9dc5;
  let second = 0x9747b28c;
  for (let at = 0; at < id.length; at++) {
    const code = id.charCodeAt(at);
    first = Math.imul(first ^ code, 0x01000193);
    second = Math.imul(second ^ code, 0x5bd1e995);
    second ^= second >>> 15;
  }
  return [first >>> 0, (second | 1) >>> 0];
}
