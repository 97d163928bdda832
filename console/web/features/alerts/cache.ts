/** Alerts in the query cache: one way to put another version everywhere it is shown. */
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { AlertDetail, AlertList, AlertSummary } from '@vong/engine/contracts';
import { isNewer, replaceAlerts, replaceArrivals, type Arrivals } from './list.ts';

export type AlertPages = InfiniteData<AlertList, string | undefined>;

/** First words of the lists' keys. Not `alerts`: the page that shows a list keeps it current; it is never fetched again as a whole. */
export const QUEUE = 'alert-queue';
export const ARRIVALS = 'alert-arrivals';
export const detailKey = (id: string): readonly string[] => ['alerts', 'detail', id];

const always = (): boolean => true;

/** `force`: also when it looks older (a change shown before the server has answered, and its way back). */
export function putAlerts(client: QueryClient, alerts: readonly AlertSummary[], force = false): void {
  const newer = force ? always : isNewer;
  client.setQueriesData<AlertPages>({ queryKey: [QUEUE] }, (list) => list && replaceAlerts(list, alerts, newer).list);
  client.setQueriesData<Arrivals>({ queryKey: [ARRIVALS] }, (arrivals) => arrivals && replaceArrivals(arrivals, alerts, newer));
  for (const alert of alerts) {
    client.setQueryData<AlertDetail>(detailKey(alert.id), (detail) =>
      detail && newer(alert, detail) ? mergeDetail(detail, alert) : detail,
    );
  }
}

function mergeDetail(detail: AlertDetail, alert: AlertSummary): AlertDetail {
  return { ...alert, history: detail.history, ...(detail.ruleDetail ? { ruleDetail: detail.ruleDetail } : {}) };
}
