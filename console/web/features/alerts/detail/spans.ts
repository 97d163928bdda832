/** Cuts a value at the span that matched. Pure. */
export interface Piece {
  readonly text: string;
  readonly marked: boolean;
}

/** Spans are half-open ranges of UTF-16 code units; those outside of the value or overlapping an earlier one are left out. */
export function cutAt(value: string, spans: readonly (readonly [number, number])[]): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    if (from < at || to > value.length || from >= to) continue;
    if (from > at) pieces.push({ text: value.slice(at, from), marked: false });
    pieces.push({ text: value.slice(from, to), marked: true });
    at = to;
  }
  if (at < value.length) pieces.push({ text: value.slice(at), marked: false });
  return pieces;
}
