/** The loaded part of the queue and what live changes do to it. Pure: rows never move because of a change elsewhere. */
import type { AlertList, AlertSummary } from '@vong/engine/contracts';

export interface Pages {
  readonly pages: readonly AlertList[];
}

type Place = readonly [page: number, row: number];
const places = new WeakMap<object, ReadonlyMap<string, Place>>();

function placesOf(list: Pages): ReadonlyMap<string, Place> {
  const known = places.get(list.pages);
  if (known) return known;
  const found = new Map<string, Place>();
  list.pages.forEach((page, at) => page.items.forEach((alert, row) => found.set(alert.id, [at, row])));
  places.set(list.pages, found);
  return found;
}

export function findAlert(list: Pages, id: string): AlertSummary | undefined {
  const place = placesOf(list).get(id);
  return place && list.pages[place[0]]?.items[place[1]];
}

/** True when `next` says more than `known`. Events that join an alert leave its version; a person's change makes it grow. */
export function isNewer(next: AlertSummary, known: AlertSummary): boolean {
  return next.version > known.version || (next.version === known.version && next.count >= known.count);
}

/** Puts newer versions in their places; what is not loaded comes back as `others`. */
export function replaceAlerts<List extends Pages>(
  list: List,
  changed: readonly AlertSummary[],
  newer: typeof isNewer = isNewer,
): { list: List; others: AlertSummary[] } {
  const index = placesOf(list);
  const others: AlertSummary[] = [];
  const byPage = new Map<number, AlertSummary[]>();
  for (const alert of changed) {
    const place = index.get(alert.id);
    const known = place && list.pages[place[0]]?.items[place[1]];
    if (!place || !known) others.push(alert);
    else if (newer(alert, known)) {
      const items = byPage.get(place[0]) ?? [...(list.pages[place[0]]?.items ?? [])];
      items[place[1]] = alert;
      byPage.set(place[0], items);
    }
  }
  if (byPage.size === 0) return { list, others };
  const pages = list.pages.map((page, at) => ({ ...page, items: byPage.get(at) ?? page.items }));
  // Nothing moved, so the places stay valid: building them anew for 100,000 rows would be felt.
  places.set(pages, index);
  return { list: { ...list, pages }, others };
}

/** Alerts that arrived since the list was loaded: those put on the list, newest first, and those held back. */
export interface Arrivals {
  readonly shown: readonly AlertSummary[];
  readonly held: readonly AlertSummary[];
}

export const NO_ARRIVALS: Arrivals = { shown: [], held: [] };

/** Takes alerts that are not among the loaded pages. Known ones are replaced where they are; new ones go in front of what is held. */
export function receive(arrivals: Arrivals, alerts: readonly AlertSummary[], isArrival: (alert: AlertSummary) => boolean): Arrivals {
  let { shown, held } = arrivals;
  for (const alert of alerts) {
    const inShown = shown.findIndex(({ id }) => id === alert.id);
    const inHeld = held.findIndex(({ id }) => id === alert.id);
    if (inShown >= 0) shown = shown.with(inShown, alert);
    else if (inHeld >= 0) held = isArrival(alert) ? held.with(inHeld, alert) : held.filter((_, at) => at !== inHeld);
    else if (isArrival(alert)) held = [alert, ...held];
  }
  return shown === arrivals.shown && held === arrivals.held ? arrivals : { shown, held };
}

/** Replaces alerts that have arrived, wherever they are. */
export function replaceArrivals(arrivals: Arrivals, alerts: readonly AlertSummary[], newer: typeof isNewer = isNewer): Arrivals {
  const byId = new Map(alerts.map((alert) => [alert.id, alert]));
  const renew = (known: AlertSummary): AlertSummary => {
    const next = byId.get(known.id);
    return next && newer(next, known) ? next : known;
  };
  const touches = [...arrivals.shown, ...arrivals.held].some(({ id }) => byId.has(id));
  return touches ? { shown: arrivals.shown.map(renew), held: arrivals.held.map(renew) } : arrivals;
}

/** Moves what is held onto the list. */
export function reveal(arrivals: Arrivals): Arrivals {
  if (arrivals.held.length === 0) return arrivals;
  const held = [...arrivals.held].sort((a, b) => b.createdAt - a.createdAt);
  return { shown: [...held, ...arrivals.shown], held: [] };
}
