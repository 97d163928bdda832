/**
 * Cuts bytes into lines. The cut depends on the bytes only, never on how they were read: feeding a file in any portions gives
 * the same lines at the same offsets (a test holds it), which is what makes record ids stable.
 */
const NEWLINE = 0x0a;
const RETURN = 0x0d;

export interface Line {
  /** First byte and the byte after the last, within the data given; line ends are outside. */
  readonly start: number;
  readonly end: number;
  /** Number of this piece, from 0, when the line is longer than the limit; undefined for a whole line. */
  readonly part: number | undefined;
}

export interface SplitOptions {
  /** Pieces of the line at the start of the data that were cut off before. */
  readonly part: number;
  /** Longest piece in bytes; a line of at most `limit + 1` bytes (a carriage return included) stays whole. */
  readonly limit: number;
  readonly maxLines: number;
  /** The data ends here for good: the last line needs no line end. */
  readonly final?: boolean;
}

export interface SplitResult {
  readonly lines: Line[];
  /** Bytes dealt with; what follows is a line not yet complete. */
  readonly consumed: number;
  /** Pieces already cut off the line that starts at `consumed`. */
  readonly part: number;
}

/** Empty lines give no `Line`; NUL bytes before a line (the hole a truncation leaves under a writer that does not append) are passed over. */
export function splitLines(data: Buffer, options: SplitOptions): SplitResult {
  const lines: Line[] = [];
  let at = 0;
  let part = options.part;
  while (at < data.length && lines.length < options.maxLines) {
    if (part === 0) at = skipNul(data, at);
    const newline = data.indexOf(NEWLINE, at);
    const complete = newline >= 0 || options.final === true;
    const stop = newline >= 0 ? newline : data.length;
    if (stop - at > options.limit + 1) {
      const end = characterBoundary(data, at, at + options.limit);
      lines.push({ start: at, end, part });
      part += 1;
      at = end;
      continue;
    }
    if (!complete) break;
    const end = stop > at && data[stop - 1] === RETURN ? stop - 1 : stop;
    if (end > at) lines.push({ start: at, end, part: part > 0 ? part : undefined });
    at = newline >= 0 ? newline + 1 : data.length;
    part = 0;
  }
  return { lines, consumed: at, part };
}

function skipNul(data: Buffer, from: number): number {
  let at = from;
  while (at < data.length && data[at] === 0) at += 1;
  return at;
}

/** The end moved back by at most three bytes, so that a valid UTF-8 character is not cut. */
function characterBoundary(data: Buffer, start: number, end: number): number {
  let at = end;
  for (let back = 0; back < 3 && at > start + 1 && ((data[at] ?? 0) & 0xc0) === 0x80; back++) at -= 1;
  return ((data[at] ?? 0) & 0xc0) === 0x80 ? end : at;
}
