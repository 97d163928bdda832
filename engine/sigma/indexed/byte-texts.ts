/** Numbers by short texts given as bytes: what is asked of every event, answered without making a string. */
import type { JsonReader } from '../json/reader.ts';

const LONGEST = 128;
const MOST = 20_000;

interface Known {
  readonly kind: number;
  readonly bytes: Uint8Array;
  readonly number: number;
}

export class ByteTexts {
  private readonly byHash = new Map<number, Known>();

  get(json: JsonReader, node: number, kind: number): number | undefined {
    const from = json.starts[node] ?? 0;
    const to = json.ends[node] ?? 0;
    if (to - from > LONGEST) return undefined;
    const known = this.byHash.get(hashOf(json.bytes, from, to));
    if (known === undefined || known.kind !== kind || known.bytes.length !== to - from) return undefined;
    for (let at = from; at < to; at++) if (json.bytes[at] !== known.bytes[at - from]) return undefined;
    return known.number;
  }

  set(json: JsonReader, node: number, value: { readonly kind: number; readonly number: number }): void {
    const from = json.starts[node] ?? 0;
    const to = json.ends[node] ?? 0;
    if (to - from > LONGEST) return;
    if (this.byHash.size >= MOST) this.byHash.clear();
    this.byHash.set(hashOf(json.bytes, from, to), { ...value, bytes: new Uint8Array(json.bytes.subarray(from, to)) });
  }
}

/** 30 bits, so that V8 keeps it as a small integer. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash & 0x3fffffff;
}
