/** The search made last in this tab, for pages that add to it. */
import { huntSearch, type HuntView } from './view.ts';

const KEY = 'vong.hunt.last';

/** Which events, when, in which columns; never the one that was open. Empty when nothing was searched in this tab. */
export function lastHunt(): HuntView {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '{}');
    return huntSearch(typeof kept === 'object' && kept !== null ? { ...kept } : {});
  } catch {
    return {};
  }
}

export function rememberHunt({ q, range, from, to, columns }: HuntView): void {
  sessionStorage.setItem(KEY, JSON.stringify({ q, range, from, to, columns }));
}
