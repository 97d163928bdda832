/** What is stored where, now: hot tables and segments. A reader holds the parts it saw, so nothing disappears under a query. */
import type { Bloom } from './bloom.ts';

/** A table in memory that still grows, or is sealed and waits to be written out. */
export interface HotTable {
  readonly kind: 'hot';
  readonly name: string;
  readonly ids: Set<string>;
  /** Next offset per partition when its last batch was stored; everything before is here or in what was stored earlier. */
  upTo: ReadonlyMap<number, number>;
  sealed: boolean;
  events: number;
  size: number;
  from: number;
  to: number;
  /** Furthest that an event lay behind one stored before it, milliseconds. */
  disorder: number;
}

/** A Parquet file that never changes. `to` is inclusive. */
export interface Segment {
  readonly kind: 'segment';
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly events: number;
  readonly bytes: number;
  readonly ids: Bloom;
}

export type Part = HotTable | Segment;

type Dispose = (part: Part) => void;

export class Manifest {
  private parts: readonly Part[] = [];
  private readonly users = new Map<Part, number>();
  private readonly dead = new Set<Part>();
  private readonly dispose: Dispose;

  /** `dispose` is called once for each removed part, when nobody reads it any more. */
  constructor(dispose: Dispose) {
    this.dispose = dispose;
  }

  current(): readonly Part[] {
    return this.parts;
  }

  hot(): readonly HotTable[] {
    return this.parts.filter((part) => part.kind === 'hot');
  }

  /** The hot table that grows, if there is one. */
  open(): HotTable | undefined {
    return this.hot().find((table) => !table.sealed);
  }

  sealed(): readonly HotTable[] {
    return this.hot().filter((table) => table.sealed);
  }

  segments(): readonly Segment[] {
    return this.parts.filter((part) => part.kind === 'segment');
  }

  replace(removed: readonly Part[], added: readonly Part[]): void {
    this.parts = [...this.parts.filter((part) => !removed.includes(part)), ...added];
    for (const part of removed) {
      if (this.users.has(part)) this.dead.add(part);
      else this.dispose(part);
    }
  }

  async use<Result>(body: (parts: readonly Part[]) => Promise<Result>): Promise<Result> {
    const seen = this.parts;
    for (const part of seen) this.users.set(part, (this.users.get(part) ?? 0) + 1);
    try {
      return await body(seen);
    } finally {
      for (const part of seen) this.leave(part);
    }
  }

  private leave(part: Part): void {
    const left = (this.users.get(part) ?? 1) - 1;
    if (left > 0) {
      this.users.set(part, left);
      return;
    }
    this.users.delete(part);
    if (this.dead.delete(part)) this.dispose(part);
  }
}
