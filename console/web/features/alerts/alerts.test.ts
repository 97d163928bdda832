// oxlint-disable typescript/no-unsafe-type-assertion -- only the fields the test is about are there
import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import type { AlertList, AlertSummary } from '@vong/engine/contracts';
import { makeAlerts } from '../../../test/fixtures/alerts.ts';
import { createAlertStore } from '../../../test/fixtures/alert-store.ts';
import { queryString } from '../../client/api.ts';
import { findAlert, NO_ARRIVALS, receive, replaceAlerts, replaceArrivals, reveal } from './list.ts';
import { changed, deed, matters, requests, reverse, reverseRequests } from './triage.ts';
import { alertsSearch, listKey, listQuery, matcher, type AlertsView, type Reader } from './view.ts';

const NOW = 1_800_000_000_000;
const alerts = makeAlerts(300, NOW);
const reader: Reader = { me: 'u-me', agencies: undefined, now: NOW };
const page = (items: AlertSummary[]): AlertList => ({
  items,
  total: items.length,
  counts: { status: {}, severity: {} } as AlertList['counts'],
});

describe('the view of the queue', () => {
  it('never throws and drops what is not valid, whatever the URL holds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything()), (raw) => {
        expect(alertsSearch(alertsSearch(raw) as Record<string, unknown>)).toEqual(alertsSearch(raw));
      }),
    );
    expect(alertsSearch({ status: 'open,wrong', sort: 'x', from: -1, ['__proto__']: { host: 'h' } })).toEqual({ status: 'open' });
  });

  it('keeps the open alert and its tab out of the list key: reading does not reload', () => {
    expect(listKey({ host: 'dc02', alert: 'a', tab: 'raw', event: 'e' })).toEqual({ host: 'dc02' });
  });

  const views: AlertsView[] = [
    {},
    { status: 'closed', severity: 'critical,low' },
    { assignee: 'me' },
    { assignee: 'none', q: 'powershell' },
    { host: 'dc02', user: 'root' },
    { range: '1h' },
    { from: NOW - 5_000_000, to: NOW - 1_000_000, rule: 'r-ssh' },
  ];
  it.each(views)('says of an arriving alert what the server would say: %j', (view) => {
    const store = createAlertStore(300, NOW + 5000);
    const query = new URLSearchParams(queryString(listQuery(view, NOW)));
    query.set('limit', '500');
    const listed = store.list(query).items.map(({ id }) => id);
    expect(listed).toEqual(alerts.filter(matcher(view, reader)).map(({ id }) => id));
  });

  it('an agency stands for itself and what is below it', () => {
    const within = matcher({ agency: 'x' }, { ...reader, agencies: new Set(['x']) })(alerts[0]!);
    expect(within).toBe(false);
  });
});

describe('the loaded list', () => {
  const list = { pages: [page(alerts.slice(0, 100)), page(alerts.slice(100, 200))] };

  it('replaces rows where they are and moves none', () => {
    const next = { ...alerts[150]!, status: 'closed' as const, version: 2 };
    const { list: after, others } = replaceAlerts(list, [next, alerts[250]!]);
    expect(after.pages[1]!.items[50]).toBe(next);
    expect(after.pages[0]!.items).toBe(list.pages[0]!.items);
    expect(others).toEqual([alerts[250]]);
    expect(findAlert(after, next.id)).toBe(next);
  });

  it('ignores a version older than the one on the screen', () => {
    const newer = replaceAlerts(list, [{ ...alerts[3]!, version: 5 }]).list;
    expect(replaceAlerts(newer, [{ ...alerts[3]!, version: 4, status: 'closed' }]).list).toBe(newer);
  });

  it('holds arrivals back until they are let in, newest first, each once', () => {
    const [a, b, c] = [alerts[0]!, alerts[1]!, alerts[2]!];
    const held = receive(
      receive(NO_ARRIVALS, [b, a], () => true),
      [a],
      () => true,
    );
    expect(held.held).toHaveLength(2);
    const shown = reveal(held);
    expect(shown.shown.map(({ id }) => id)).toEqual([a.id, b.id]);
    expect(receive(shown, [c], () => false)).toBe(shown);
  });

  it('drops a held alert that no longer  and keeps a shown one in its place', () => {
    const held = receive(NO_ARRIVALS, [alerts[0]!], () => true);
    expect(receive(held, [{ ...alerts[0]!, status: 'closed' }], () => false).held).toEqual([]);
    const shown = reveal(held);
    const closed = { ...alerts[0]!, status: 'closed' as const, version: 2 };
    expect(receive(shown, [closed], () => false).shown).toEqual([closed]);
    expect(replaceArrivals(shown, [closed]).shown).toEqual([closed]);
  });

  it('keeps up with changes among 100,000 loaded rows', () => {
    const many = {
      pages: Array.from({ length: 200 }, (_, at) => page(makeAlerts(500, NOW).map((alert) => ({ ...alert, id: `${at}-${alert.id}` })))),
    };
    let state = replaceAlerts(many, []).list;
    const started = performance.now();
    for (let n = 0; n < 100; n += 1) state = replaceAlerts(state, [{ ...state.pages[n]!.items[7]!, version: n + 2 }]).list;
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('triage', () => {
  const people = [{ id: 'u-lan', name: 'Lan' }];
  const open = alerts.find(({ status, assignee }) => status === 'open' && !assignee)!;

  it('shows the change before the server has answered', () => {
    expect(changed(open, { assignee: 'u-lan', status: 'acknowledged' }, people)).toMatchObject({
      assignee: people[0],
      status: 'acknowledged',
    });
    expect('assignee' in changed({ ...open, assignee: people[0]! }, { assignee: null }, people)).toBe(false);
  });

  it('undone leads back to exactly what it was, for any change of any alert', () => {
    const change = fc.record(
      {
        status: fc.constantFrom('open' as const, 'acknowledged' as const, 'closed' as const),
        assignee: fc.constantFrom('u-lan', null),
        verdict: fc.constantFrom('benign' as const, 'duplicate' as const),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.constantFrom(...alerts), change, (alert, one) => {
        const all = [...(alert.assignee ? [alert.assignee] : []), ...people];
        expect(changed(changed(alert, one, all), reverse(alert, one), all)).toEqual(alert);
      }),
    );
  });

  it('sends at most 500 alerts in a request, undo as few as can be', () => {
    const many = makeAlerts(1201, NOW).map((alert) => ({ ...alert, status: 'open' as const }));
    expect(requests(many, { status: 'acknowledged' }).map(({ ids }) => ids.length)).toEqual([500, 500, 201]);
    expect(reverseRequests(many, { status: 'acknowledged' }).map(({ ids }) => ids.length)).toEqual([500, 500, 201]);
  });

  it('leaves alone what would not change, and says what was done', () => {
    expect(matters(open, { status: 'open' })).toBe(false);
    expect(matters(open, { assignee: 'u-lan' })).toBe(true);
    expect([deed({ status: 'closed' }), deed({ assignee: null }), deed({ assignee: 'x' })]).toEqual(['closed', 'unassigned', 'assigned']);
  });
});
