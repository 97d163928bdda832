/** Literals at the start or at the end of a text, found by one walk: a trie over unit classes in an open-addressed table. */
import { CLASSES } from './units.ts';

export class Trie {
  private keys = new Int32Array(64).fill(-1);
  private targets = new Int32Array(64);
  private count = 0;
  private nodes = 1;
  private readonly ends: (number[] | undefined)[] = [undefined];
  private readonly backwards: boolean;

  constructor(backwards: boolean) {
    this.backwards = backwards;
  }

  add(literal: string, entry: number): void {
    let node = 0;
    for (let step = 0; step < literal.length; step++) {
      const at = this.backwards ? literal.length - 1 - step : step;
      const key = node * 256 + (CLASSES[literal.charCodeAt(at)] ?? 0);
      let next = this.find(key);
      if (next === 0) {
        next = this.nodes++;
        this.ends.push(undefined);
        this.insert(key, next);
      }
      node = next;
    }
    const known = this.ends[node];
    if (known === undefined) this.ends[node] = [entry];
    else known.push(entry);
  }

  /** Calls `hit` with the entries of every literal the text starts (or ends) with, by classes. */
  walk(text: string, hit: (entries: readonly number[], length: number) => void): void {
    const { length } = text;
    let node = 0;
    for (let step = 0; step < length; step++) {
      const unit = text.charCodeAt(this.backwards ? length - 1 - step : step);
      node = this.find(node * 256 + (CLASSES[unit] ?? 0));
      if (node === 0) return;
      const entries = this.ends[node];
      if (entries !== undefined) hit(entries, step + 1);
    }
  }

  /** The same over ASCII bytes. */
  walkBytes(
    text: { readonly bytes: Uint8Array; readonly from: number; readonly to: number },
    hit: (entries: readonly number[], length: number) => void,
  ): void {
    const { bytes, from, to } = text;
    let node = 0;
    for (let step = 0; step < to - from; step++) {
      const byte = bytes[this.backwards ? to - 1 - step : from + step] ?? 0;
      node = this.find(node * 256 + (CLASSES[byte] ?? 0));
      if (node === 0) return;
      const entries = this.ends[node];
      if (entries !== undefined) hit(entries, step + 1);
    }
  }

  private find(key: number): number {
    const mask = this.keys.length - 1;
    for (let slot = Math.imul(key, 0x9e3779b1) >>> 7; ; slot++) {
      const found = this.keys[slot & mask];
      if (found === key) return this.targets[slot & mask] ?? 0;
      if (found === -1) return 0;
    }
  }

  private insert(key: number, target: number): void {
    if (++this.count * 3 > this.keys.length) this.grow();
    const mask = this.keys.length - 1;
    let slot = Math.imul(key, 0x9e3779b1) >>> 7;
    while (this.keys[slot & mask] !== -1) slot++;
    this.keys[slot & mask] = key;
    this.targets[slot & mask] = target;
  }

  private grow(): void {
    const { keys, targets } = this;
    this.keys = new Int32Array(keys.length * 2).fill(-1);
    this.targets = new Int32Array(keys.length * 2);
    this.count = 1;
    for (const [slot, key] of keys.entries()) if (key !== -1) this.insert(key, targets[slot] ?? 0);
  }
}
