/** Applies the fixes of findings to the text they were found in. */
import type { Finding, LintEdit } from './model.ts';

/**
 * The text with every fix applied that does not overlap one before it, and how many there were. What is left over comes with the next
 * run of the checks.
 */
export function applyFixes(text: string, findings: readonly Finding[]): { text: string; applied: number } {
  /** In the order of the text, none touching another. */
  const taken: LintEdit[] = [];
  let applied = 0;
  for (const { fix } of findings) {
    if (fix === undefined || !fix.edits.every((edit) => isFree(edit, taken))) continue;
    for (const edit of fix.edits) taken.splice(indexOf(edit, taken), 0, edit);
    applied++;
  }
  let result = '';
  let at = 0;
  for (const { from, to, text: inserted } of taken) {
    result += text.slice(at, from) + inserted;
    at = to;
  }
  return { text: result + text.slice(at), applied };
}

/** Where an edit belongs: before the first that begins at its place or later. */
function indexOf(edit: LintEdit, taken: readonly LintEdit[]): number {
  let [low, high] = [0, taken.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((taken[middle]?.from ?? 0) < edit.from) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isFree(edit: LintEdit, taken: readonly LintEdit[]): boolean {
  const index = indexOf(edit, taken);
  const [before, after] = [taken[index - 1], taken[index]];
  return (before === undefined || before.to <= edit.from) && (after === undefined || (after.from >= edit.to && after.from !== edit.from));
}
