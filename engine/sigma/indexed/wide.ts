/** Literals with a unit outside ASCII: looked for only in the few texts that hold such units. */
import type { FieldText } from './field.ts';

const WIDE = /[^\0-\u007F]/;

export function isWide(text: string): boolean {
  return WIDE.test(text);
}

export class WideScanner {
  /** By the last unit outside ASCII of the folded literal. */
  private readonly byUnit = new Map<number, { readonly entry: number; readonly at: number }[]>();

  add(literal: string, entry: number): void {
    let at = literal.length - 1;
    while (literal.charCodeAt(at) < 128) at--;
    const unit = literal.charCodeAt(at);
    const known = this.byUnit.get(unit);
    if (known === undefined) this.byUnit.set(unit, [{ entry, at }]);
    else known.push({ entry, at });
  }

  /** Calls `hit` with an entry and where its literal would have to start; the caller compares. */
  scan(text: FieldText, hit: (entry: number, start: number) => void): void {
    if (!isWide(text.text)) return;
    const { folded } = text;
    for (let at = 0; at < folded.length; at++) {
      const unit = folded.charCodeAt(at);
      const found = unit < 128 ? undefined : this.byUnit.get(unit);
      if (found !== undefined) for (const one of found) if (at >= one.at) hit(one.entry, at - one.at);
    }
  }
}
