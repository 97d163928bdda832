/**
 * Which values each agency's events are looked at with. An agency has those of its parent; what it gives for a placeholder itself
 * stands **besides** them, or, where it says so, **instead** of them. Pure.
 */
import type { AgencyValues, PlaceholderValues } from '../detector/index.ts';
import type { ValuesRow } from './schema.ts';

type Given = Pick<ValuesRow, 'name' | 'agency' | 'entries' | 'replaces'>;

/** Agencies from the root of the tree down to this one. */
export function pathOf({ path }: { readonly path: string }): string[] {
  return path.split('/');
}

export function entriesOf({ entries }: Pick<ValuesRow, 'entries'>): string[] {
  const parsed: unknown = JSON.parse(entries);
  return Array.isArray(parsed) ? parsed.filter((entry) => typeof entry === 'string') : [];
}

/** What one agency more, going down the tree, makes of the values. */
function below(values: PlaceholderValues, own: readonly Given[]): PlaceholderValues {
  if (own.length === 0) return values;
  const next = new Map(Object.entries(values));
  for (const row of own) {
    const before = row.replaces === 1 ? [] : (next.get(row.name) ?? []);
    next.set(row.name, [...new Set([...before, ...entriesOf(row)])]);
  }
  return Object.fromEntries(next);
}

/** The values of one agency, from what the agencies of its path give. */
export function valuesAlong(path: readonly string[], rows: readonly Given[]): PlaceholderValues {
  return path.reduce<PlaceholderValues>(
    (values, agency) =>
      below(
        values,
        rows.filter((row) => row.agency === agency),
      ),
    {},
  );
}

/** The values of every agency; those that have the same share one set. The first set is the root's. */
export function valuesOfTree(
  agencies: readonly { readonly agency: string; readonly path: string }[],
  rows: readonly Given[],
): AgencyValues {
  const given = Map.groupBy(rows, (row) => row.agency);
  const sets: PlaceholderValues[] = [];
  const places = new Map<string, number>();
  const at = (values: PlaceholderValues): number => {
    const key = JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
    const known = places.get(key) ?? sets.push(values) - 1;
    places.set(key, known);
    return known;
  };
  const made = new Map<string, PlaceholderValues>();
  const ordered = agencies.map((each) => ({ ...each, above: pathOf(each).slice(0, -1) })).sort((a, b) => a.above.length - b.above.length);
  const chosen: [string, number][] = [];
  for (const { agency, above } of ordered) {
    const values = below(made.get(above.at(-1) ?? '') ?? {}, given.get(agency) ?? []);
    made.set(agency, values);
    const place = at(values);
    if (place > 0) chosen.push([agency, place]);
  }
  return { sets: sets.length === 0 ? [{}] : sets, agencies: Object.fromEntries(chosen) };
}
