/** The name most like the one given, when it is near enough to be a slip of the hand. Names are short: at most 64 characters are compared. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  const given = name.slice(0, 64).toLowerCase().replaceAll('-', '_');
  let [best, least]: [string | undefined, number] = [undefined, Math.max(2, Math.floor(given.length / 3)) + 1];
  for (const candidate of names) {
    const distance = editDistance(given, candidate);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Insertions, deletions and replacements from one to the other (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
