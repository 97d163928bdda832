/**
 * Time is divided into periods of equal length, the same on every machine. **A match is of one group and one period**: it takes in the
 * windows that end in the period. So which match an event is part of does not hang on the order in which events arrive. A window
 * reaches back at most one period, so an event is part of the match of the period it happened in, of the next, of both or of none.
 */
export const NO_PART = 0;
/** Part of the match. */
export const PART = 1;
/** Part of it, and it has grown since: an event that is a match of another correlation. */
const GROWN = 2;

export function periodOf(time: number, periodMs: number): number {
  return Math.floor(time / periodMs);
}

/** What an event is of the match so many periods after its own, out of its marks. */
export function partOf(marks: number, ahead: number): number {
  return ahead === 0 ? marks & 3 : ahead === 1 ? (marks >> 2) & 3 : NO_PART;
}

/** The marks with another part. */
export function withPart(marks: number, ahead: number, part: number): number {
  return ahead === 0 ? (marks & 12) | part : (marks & 3) | (part << 2);
}

/** Marks of an event that moved on by so many periods and has grown. */
export function movedMarks(marks: number, periods: number): number {
  const part = (ahead: number): number => (partOf(marks, ahead + periods) === NO_PART ? NO_PART : GROWN);
  return withPart(part(0), 1, part(1));
}
