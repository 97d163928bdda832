/** Which rows are selected. Pure. */

/** Puts the row in or takes it out; `range`: everything from the last one touched to here goes in. */
export function toggled(
  before: ReadonlySet<string>,
  ids: readonly string[],
  touch: { readonly id: string; readonly from: string | undefined; readonly range: boolean },
): ReadonlySet<string> {
  const from = touch.range && touch.from !== undefined ? ids.indexOf(touch.from) : -1;
  const to = ids.indexOf(touch.id);
  if (from >= 0 && to >= 0) return before.union(new Set(ids.slice(Math.min(from, to), Math.max(from, to) + 1)));
  const next = new Set(before);
  if (!next.delete(touch.id)) next.add(touch.id);
  return next;
}

/** The row `by` rows further, kept within the list; the first when none is active. */
export function moved(ids: readonly string[], active: string | undefined, by: number): string | undefined {
  const at = active === undefined ? -1 : ids.indexOf(active);
  return ids[at < 0 ? 0 : Math.max(0, Math.min(ids.length - 1, at + by))];
}
