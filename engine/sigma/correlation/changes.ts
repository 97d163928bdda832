/** What of the groups of one correlation differs from what was stored: what `persist.ts` writes next. */
export class Changes {
  /** Number of the first event that changed since the state was last taken, by group. */
  readonly changed = new Map<number, number>();
  /** Groups that are gone since then. */
  readonly gone = new Set<string>();
  /** The first stored segment of a group that has any. */
  readonly stored = new Map<number, number>();

  /** Notes that a group differs from what was stored, from the event of this number on. */
  touch(slot: number, number: number): void {
    const known = this.changed.get(slot);
    if (known === undefined || number < known) this.changed.set(slot, number);
  }

  remove(slot: number, key: string): void {
    this.gone.add(key);
    this.changed.delete(slot);
    this.stored.delete(slot);
  }
}
