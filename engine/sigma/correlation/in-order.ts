/** Sorting that can be paused, so that a million groups do not hold a thread: a merge sort that yields every few thousand steps. */
const RUN = 4_096;

/** Numbers by their keys, lowest first. Yields between slices of the work; returns the sorted numbers. */
export function* inOrder(numbers: Int32Array, keyOf: (number: number) => number): Generator<undefined, Int32Array> {
  let [from, to] = [numbers.slice(), new Int32Array(numbers.length)];
  for (let start = 0; start < from.length; start += RUN) {
    from.subarray(start, start + RUN).sort((a, b) => keyOf(a) - keyOf(b));
    yield;
  }
  for (let width = RUN; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) yield* merge({ from, to, start, width }, keyOf);
    [from, to] = [to, from];
  }
  return from;
}

interface Merge {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly start: number;
  readonly width: number;
}

function* merge({ from, to, start, width }: Merge, keyOf: (number: number) => number): Generator<undefined, void> {
  const middle = Math.min(start + width, from.length);
  const end = Math.min(start + 2 * width, from.length);
  let [left, right] = [start, middle];
  for (let at = start; at < end; at++) {
    const [a = 0, b = 0] = [from[left], from[right]];
    const first = left < middle && (right >= end || keyOf(a) <= keyOf(b));
    to[at] = first ? a : b;
    if (first) left++;
    else right++;
    if (at % RUN === 0) yield;
  }
}
