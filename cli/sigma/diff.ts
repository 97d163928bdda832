/** The difference of two texts, line by line, as `--dry-run` shows it. */

/** Above so many pairs of lines, what lies between the first and the last difference is shown as one change. */
const MOST_PAIRS = 4_000_000;

/** Changed lines as `@@ line @@` with `-` and `+`; nothing where the texts are the same. */
export function lineDiff(before: string, after: string): string[] {
  const [old, young] = [before.split('\n'), after.split('\n')];
  let head = 0;
  while (head < Math.min(old.length, young.length) && old[head] === young[head]) head++;
  let tail = 0;
  while (tail < Math.min(old.length, young.length) - head && old.at(-1 - tail) === young.at(-1 - tail)) tail++;
  const [gone, come] = [old.slice(head, old.length - tail), young.slice(head, young.length - tail)];
  if (gone.length === 0 && come.length === 0) return [];
  if (gone.length * come.length > MOST_PAIRS) return hunk(head + 1, gone, come);
  return changes(gone, come, head + 1);
}

function hunk(line: number, gone: readonly string[], come: readonly string[]): string[] {
  return [`@@ line ${line} @@`, ...gone.map((text) => `-${text}`), ...come.map((text) => `+${text}`)];
}

/** Keeps the longest common sequence of lines; `first` is the number of the first line. */
function changes(gone: readonly string[], come: readonly string[], first: number): string[] {
  const width = come.length + 1;
  const common = new Uint32Array((gone.length + 1) * width);
  for (let i = gone.length - 1; i >= 0; i--)
    for (let j = come.length - 1; j >= 0; j--)
      common[i * width + j] =
        gone[i] === come[j]
          ? (common[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
  const result: string[] = [];
  let [i, j] = [0, 0];
  while (i < gone.length || j < come.length) {
    const [fromOld, fromNew] = [i, j];
    while ((i < gone.length || j < come.length) && (i >= gone.length || j >= come.length || gone[i] !== come[j]))
      if (j >= come.length || (i < gone.length && (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))) i++;
      else j++;
    if (i > fromOld || j > fromNew) result.push(...hunk(first + fromOld, gone.slice(fromOld, i), come.slice(fromNew, j)));
    i++;
    j++;
  }
  return result;
}
