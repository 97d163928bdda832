/** Carries out what a person decides: on the screen at once, at the server, with the way back for ten seconds. */
import { useCallback } from 'react';
import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import type { AlertSummary } from '@vong/engine/contracts';
import type { UserView } from '@vong/platform/identity';
import { api, ApiError } from '../../client/api.ts';
import { mayTriage, useMe } from '../../client/session.ts';
import { currentLanguage } from '../../i18n/words.ts';
import { problemOf } from '../../ui/problems.ts';
import { toasts, type Offer } from '../../ui/toasts.ts';
import { detailKey, putAlerts } from './cache.ts';
import { OwnVersions } from './own-versions.ts';
import { changed, deed, matters, requests, reverseRequests, type BulkRequest, type Change, type Person } from './triage.ts';
import { words } from './words.ts';

interface BulkAnswer {
  readonly changed: AlertSummary[];
  readonly failed: readonly { readonly id: string; readonly code: string; readonly message: string }[];
}

const NOBODY: readonly Person[] = [];
const own = new OwnVersions();
/** Changes go out one after the other: a key pressed right after another must not overtake it. */
let lastSent: Promise<unknown> = Promise.resolve();

/** People an alert can be given to. */
export function usePeople(): readonly Person[] {
  const { data } = useQuery({
    queryKey: ['users'],
    staleTime: 300_000,
    queryFn: ({ signal }) => api.get<{ items: UserView[] }>('/api/users', { signal }),
    select: ({ items }) =>
      items.filter((user) => !user.disabled && user.role !== 'auditor').map(({ id, displayName }) => ({ id, name: displayName })),
  });
  return data ?? NOBODY;
}

export interface Triage {
  readonly allowed: boolean;
  readonly me: Person;
  readonly people: readonly Person[];
  readonly apply: (alerts: readonly AlertSummary[], change: Change) => void;
}

export function useTriage(): Triage {
  const client = useQueryClient();
  const user = useMe();
  const people = usePeople();
  const me = { id: user.id, name: user.displayName };
  const known = people.some(({ id }) => id === me.id) ? people : [me, ...people];
  const apply = useCallback(
    (alerts: readonly AlertSummary[], change: Change) => {
      const touched = alerts.filter((alert) => matters(alert, change));
      if (touched.length > 0) void carryOut(client, { alerts: touched, change, people: known });
    },
    [client, known],
  );
  return { allowed: mayTriage(user), me, people: known, apply };
}

interface Decision {
  readonly alerts: readonly AlertSummary[];
  readonly change: Change;
  readonly people: readonly Person[];
}

async function carryOut(client: QueryClient, { alerts, change, people }: Decision): Promise<void> {
  putAlerts(
    client,
    alerts.map((alert) => changed(alert, change, people)),
    true,
  );
  // What was decided and typed is not lost when it could not be done: it is offered again, on the alert as it is by then.
  const again = (current: readonly AlertSummary[]): void => void carryOut(client, { alerts: current, change, people });
  const done = await inTurn(() => send(client, { before: alerts, list: requestsFor(alerts, change), again }));
  if (done.length === 0) return;
  const ids = new Set(done.map(({ id }) => id));
  const before = alerts.filter(({ id }) => ids.has(id));
  toasts.done(sentence(change, { count: done.length, people }), () => void undo(client, { before, change }));
}

async function undo(client: QueryClient, { before, change }: { before: readonly AlertSummary[]; change: Change }): Promise<void> {
  const done = await inTurn(() => send(client, { before: [], list: reverseRequests(before, change) }));
  if (done.length > 0) toasts.done(words()('done.undone'));
}

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = lastSent.then(work);
  lastSent = result.catch(() => undefined);
  return result;
}

function sentence(change: Change, { count, people }: { count: number; people: readonly Person[] }): string {
  const t = words();
  const what = deed(change);
  if (what !== 'assigned') return t(`done.${what}`, { count });
  return t('done.assigned', { count, name: people.find(({ id }) => id === change.assignee)?.name ?? '' });
}

/** One alert is changed with the version that was seen, so that nobody overwrites what they have not read; many at once are not. */
type Request = BulkRequest & { readonly version?: number };

function requestsFor(alerts: readonly AlertSummary[], change: Change): Request[] {
  const [only, ...more] = alerts;
  return only && more.length === 0 ? [{ ids: [only.id], change, version: only.version }] : requests(alerts, change);
}

async function sendOne({ ids, change, version }: Request): Promise<BulkAnswer> {
  if (version === undefined) return api.post<BulkAnswer>('/api/alerts/bulk', { ids, ...change });
  const id = ids[0] ?? '';
  const seen = own.latest(id, version);
  const after = await api.patch<AlertSummary>(`/api/alerts/${encodeURIComponent(id)}`, { version: seen, ...change });
  own.note(id, seen, after.version);
  return { changed: [after], failed: [] };
}

interface Sending {
  readonly before: readonly AlertSummary[];
  readonly list: readonly Request[];
  readonly again?: Again;
}

type Again = (alerts: readonly AlertSummary[]) => void;

/** Sends the requests one after the other. What fails goes back to how it was, and says why. */
async function send(client: QueryClient, { before, list, again }: Sending): Promise<AlertSummary[]> {
  const done: AlertSummary[] = [];
  for (const request of list) {
    try {
      const answer = await sendOne(request);
      done.push(...answer.changed);
      putAlerts(client, answer.changed);
      const [first] = answer.failed;
      if (first) {
        putBack(
          client,
          before,
          answer.failed.map(({ id }) => id),
        );
        toasts.failed(words()('failed.some', { count: answer.failed.length, message: first.message }));
      }
    } catch (error) {
      putBack(client, before, request.ids);
      complain(client, { error, again, alerts: before.filter(({ id }) => request.ids.includes(id)) });
    }
  }
  for (const { id } of done) void client.invalidateQueries({ queryKey: detailKey(id) });
  return done;
}

function putBack(client: QueryClient, before: readonly AlertSummary[], ids: readonly string[]): void {
  const wanted = new Set(ids);
  putAlerts(
    client,
    before.filter(({ id }) => wanted.has(id)),
    true,
  );
}

interface Failure {
  readonly error: unknown;
  readonly alerts: readonly AlertSummary[];
  readonly again: Again | undefined;
}

function complain(client: QueryClient, { error, alerts, again }: Failure): void {
  const t = words();
  const offer = (label: string, current: readonly AlertSummary[]): Offer | undefined =>
    again && current.length > 0 ? { label, run: () => again(current) } : undefined;
  if (error instanceof ApiError && error.code === 'ALERT_CHANGED') {
    const current = error.details['alert'];
    if (isAlert(current)) putAlerts(client, [current], true);
    toasts.failed(t('failed.changed'), offer(t('failed.anyway'), isAlert(current) ? [current] : []));
    return;
  }
  toasts.failed(t('failed.change', { message: problemOf(error, currentLanguage()).message }), offer(t('failed.again'), alerts));
}

function isAlert(value: unknown): value is AlertSummary {
  return typeof value === 'object' && value !== null && 'id' in value && 'version' in value && 'rule' in value;
}
