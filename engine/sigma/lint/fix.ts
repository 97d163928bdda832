/** Applies the fixes of findings to the text they were found in. */
import type { Finding, LintEdit } from './model.ts';

/**
 * The text with every fix applied that does not overlap one before it, and how many there were. What is left over comes with the next
 * run of the checks.
 */
export function applyFixes(text: string, findings: readonly Finding[]): { text: string; applied: number } {
  const taken: LintEdit[] = [];
  let applied = 0;
  for (const { fix } of findings) {
    if (fix === undefined || fix.edits.some((edit) => taken.some((other) => overlaps(edit, other)))) continue;
    taken.push(...fix.edits);
    applied++;
  }
  taken.sort((a, b) => b.from - a.from);
  let result = text;
  for (const { from, to, text: inserted } of taken) result = result.slice(0, from) + inserted + result.slice(to);
  return { text: result, applied };
}

function overlaps(a: LintEdit, b: LintEdit): boolean {
  return a.from < b.to && b.from < a.to ? true : a.from === b.from;
}
