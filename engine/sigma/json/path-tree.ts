/** The places of an event that somebody may ask for, as numbers: what the reader of JSON text looks keys up in. */
import type { Path } from '../pipelines/paths.ts';

const encoder = new TextEncoder();
export const ROOT = 0;
const SEED = 0x811c9dc5;

/** One step of the hash of a key; `key` starts from `hashStart(node)`. */
export function hashStep(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

export function hashStart(node: number): number {
  return SEED ^ Math.imul(node, 0x9e3779b1);
}

export class PathTree {
  /** By node: its parent, the bytes of its key, and the nodes below it. */
  readonly keys: Uint8Array[] = [new Uint8Array()];
  readonly below: number[][] = [[]];
  private readonly parents: number[] = [-1];
  /** Open-addressed: node numbers by hash of parent and key; 0 is free. */
  private table = new Int32Array(1024);
  /** Grows with every node: what was read before knows nothing of it. */
  get size(): number {
    return this.keys.length;
  }

  /** The node of a path without `*`. */
  add(path: Path): number {
    return path.reduce((node, key) => this.child(node, encoder.encode(key)), ROOT);
  }

  /** The node below `parent` whose key is these bytes; -1 where nobody asks for it. `hash`: of the parent and the key. */
  find(parent: number, hash: number, key: { readonly bytes: Uint8Array; readonly from: number; readonly to: number }): number {
    const { table, keys, parents } = this;
    const mask = table.length - 1;
    for (let slot = (hash >>> 12) ^ hash; ; slot++) {
      const node = table[slot & mask] ?? 0;
      if (node === 0) return -1;
      if (parents[node] === parent && equal(keys[node], key.bytes, key.from, key.to)) return node;
    }
  }

  private child(parent: number, key: Uint8Array): number {
    let hash = hashStart(parent);
    for (const byte of key) hash = hashStep(hash, byte);
    const known = this.find(parent, hash, { bytes: key, from: 0, to: key.length });
    if (known >= 0) return known;
    const node = this.keys.push(key) - 1;
    this.parents.push(parent);
    this.below.push([]);
    for (let above = parent; above > ROOT; above = this.parents[above] ?? ROOT) this.below[above]?.push(node);
    if (this.size * 4 > this.table.length) this.grow();
    else this.put(node, hash);
    return node;
  }

  private put(node: number, hash: number): void {
    const mask = this.table.length - 1;
    let slot = (hash >>> 12) ^ hash;
    while (this.table[slot & mask] !== 0) slot++;
    this.table[slot & mask] = node;
  }

  private grow(): void {
    this.table = new Int32Array(this.table.length * 2);
    for (let node = 1; node < this.size; node++) {
      let hash = hashStart(this.parents[node] ?? ROOT);
      for (const byte of this.keys[node] ?? []) hash = hashStep(hash, byte);
      this.put(node, hash);
    }
  }
}

function equal(key: Uint8Array | undefined, bytes: Uint8Array, from: number, to: number): boolean {
  if (key === undefined || key.length !== to - from) return false;
  for (let at = 0; at < key.length; at++) if (key[at] !== bytes[from + at]) return false;
  return true;
}
