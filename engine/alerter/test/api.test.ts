import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EcsEvent, SearchRequest } from '@vong/platform/events';
import type { HttpServer } from '@vong/platform/http';
import { liveModule } from '@vong/platform/live';
import { addPerson, openServer, openWorld, plantTree, type World } from '../../../platform/identity/test/setup.ts';
import type { AlertDetail, AlertEvents, AlertList, AlertSummary } from '../../contracts.ts';
import { alertsApi, alertsModule } from '../index.ts';
import type { AlertTables } from '../schema.ts';
import { storeSignals } from '../store-signals.ts';
import { live, signalOf, START, type SignalParts } from './setup.ts';

let world: World;
let app: HttpServer;
let people: Record<'ministry' | 'unit' | 'sibling' | 'auditor', Awaited<ReturnType<typeof addPerson>>>;
let searches: SearchRequest[];
let announced: number;

const eventOf = (id: string, agency = 'bca-c06'): EcsEvent => ({
  '@timestamp': new Date(START).toISOString(),
  event: { id, kind: 'event', original: id, module: 'json', created: '', ingested: '' },
  organization: { id: agency },
  agent: { id: 'a', name: 'a', type: 'vong' },
});

const explain = async (ruleId: string) =>
  ruleId === 'rule-1' ? { ruleId, version: '1', yaml: '', conditions: [], matches: [] } : undefined;

beforeEach(async () => {
  world = await openWorld({ modules: [liveModule, alertsModule] });
  await plantTree(world);
  people = {
    ministry: await addPerson(world, { name: 'lan', role: 'analyst', agency: 'bca' }),
    unit: await addPerson(world, { name: 'minh', role: 'analyst', agency: 'bca-c06' }),
    sibling: await addPerson(world, { name: 'hoa', role: 'analyst', agency: 'byt' }),
    auditor: await addPerson(world, { name: 'kien', role: 'auditor', agency: 'bca' }),
  };
  searches = [];
  announced = 0;
  app = await openServer(world);
  const events = {
    get: async (_: unknown, ids: readonly string[]) => ids.filter((id) => id !== 'gone').map((id) => eventOf(id)),
    search: async (request: SearchRequest) => (searches.push(request), { items: [eventOf('around')], tookMs: 1 }),
  };
  const counted = { ...live, announce: () => void announced++ };
  await app.register(alertsApi({ state: world.state, live: counted, clock: world.clock, events, explain }));
});
afterEach(async () => {
  await app.close();
  await world.state.close();
});

async function plant(parts: readonly SignalParts[]): Promise<void> {
  for (const part of parts) {
    world.clock.advance(1000);
    const batch = { partition: 0, from: 0, next: 0, signals: [signalOf({ agency: 'bca-c06', ...part })] };
    const options = { now: world.clock.now(), windowMs: () => 3_600_000, live };
    await world.state.transaction<AlertTables, unknown>('system', (trx) => storeSignals(trx, batch, options));
  }
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names what the route answers
async function call<Body>(who: keyof typeof people, method: 'GET' | 'PATCH' | 'POST', path: string, payload?: object) {
  const headers = { cookie: people[who].cookie, 'x-vong': '1' };
  const answer = await app.inject({ method, url: `/api/alerts${path}`, headers, ...(payload === undefined ? {} : { payload }) });
  return { status: answer.statusCode, body: answer.json<Body & { error?: { code: string; details?: { alert?: AlertSummary } } }>() };
}
const list = (who: keyof typeof people, query = '') => call<AlertList>(who, 'GET', query);
const first = async () => (await list('unit')).body.items[0]!;

const patch = (id: string, change: object, who: keyof typeof people = 'unit') => call<AlertSummary>(who, 'PATCH', `/${id}`, change);

describe('the queue', () => {
  it('is seen from the unit and from above, not from a sibling', async () => {
    await plant([{ event: 'a' }, { event: 'b', agency: 'bca' }, { event: 'c', agency: 'byt' }]);
    expect((await list('unit')).body.total).toBe(1);
    expect((await list('ministry')).body).toMatchObject({
      total: 2,
      counts: { status: { open: 2, closed: 0 }, severity: { high: 2, low: 0 } },
    });
    expect((await list('sibling')).body.items.map((alert) => alert.agency)).toEqual(['byt']);
    expect((await list('ministry', '?agency=bca')).body.total).toBe(2);
    expect((await list('ministry', '?agency=bca-c06')).body.total).toBe(1);
    expect((await list('ministry', '?agency=byt')).body.total).toBe(0);
  });

  it.each(['newest', 'oldest', 'severity', 'count'] as const)('pages in the order %s without missing or repeating', async (sort) => {
    const levels = ['critical', 'high', 'medium', 'low', 'informational'] as const;
    const parts = Array.from({ length: 23 }, (_, i) => ({ event: `e${i}`, host: `may-${i % 17}`, level: levels[(i * 3) % 5]! }));
    await plant(parts.map((part) => ({ ...part, rule: `rule-${part.host}` })));
    const one = await call<AlertSummary>('unit', 'PATCH', `/${(await first()).id}`, { version: 1, status: 'acknowledged' });
    expect(one.status).toBe(200);
    for (const filter of ['', '&status=open,acknowledged', '&severity=critical,high,low', '&severity=high,medium&status=open']) {
      const whole = (await list('unit', `?sort=${sort}&limit=500${filter}`)).body;
      const paged: AlertSummary[] = [];
      for (let cursor: string | undefined = ''; cursor !== undefined;) {
        const page: AlertList = (await list('unit', `?sort=${sort}&limit=4${filter}${cursor && `&cursor=${cursor}`}`)).body;
        paged.push(...page.items);
        cursor = page.next;
      }
      expect(paged).toEqual(whole.items);
      expect(paged).toHaveLength(whole.total);
    }
    const all = (await list('unit', `?sort=${sort}`)).body.items;
    const key = {
      newest: (a: AlertSummary) => -a.createdAt,
      oldest: (a: AlertSummary) => a.createdAt,
      count: (a: AlertSummary) => -a.count,
      severity: (a: AlertSummary) => levels.indexOf(a.rule.level),
    }[sort];
    expect(all.map(key)).toEqual(all.map(key).toSorted((a, b) => a - b));
  });

  it('filters by every field, and takes wildcards in text literally', async () => {
    await plant([
      { event: 'a', host: 'MAY-ĐỒNG', user: 'Bình', level: 'critical' },
      { event: 'b', host: '100%_x', rule: 'rule-2' },
      { event: 'c', host: 'khác', user: 'an' },
    ]);
    const total = async (query: string) => (await list('unit', `?${query}`)).body.total;
    expect(await total('host=khác')).toBe(1);
    expect(await total('user=an')).toBe(1);
    expect(await total('rule=rule-2')).toBe(1);
    expect(await total('severity=critical,low')).toBe(1);
    expect(await total(`q=${encodeURIComponent('may-đồng')}`)).toBe(1);
    expect(await total(`q=${encodeURIComponent('%')}`)).toBe(1);
    expect(await total('assignee=none')).toBe(3);
    expect(await total('assignee=me')).toBe(0);
    expect(await total(`from=${world.clock.now()}`)).toBe(1);
    expect(await total(`to=${world.clock.now()}`)).toBe(2);
    expect((await list('unit', '?status=openn')).body.error?.code).toBe('ALERT_BAD_FILTER');
    expect((await list('unit', '?cursor=e30')).body.error?.code).toBe('ALERT_BAD_CURSOR');
  });
});

describe('one alert', () => {
  it('is not there for a sibling, in any route', async () => {
    await plant([{ event: 'a' }]);
    const { id } = await first();
    for (const path of ['', '/events', '/timeline', '/explain?event=a']) {
      expect((await call('sibling', 'GET', `/${id}${path}`)).body.error?.code).toBe('ALERT_NOT_FOUND');
    }
    const change = await call('sibling', 'PATCH', `/${id}`, { version: 1, status: 'acknowledged' });
    expect(change.body.error?.code).toBe('ALERT_NOT_FOUND');
    expect((await call('sibling', 'POST', `/${id}/comments`, { text: 'x' })).status).toBe(404);
    expect((await call<{ failed: unknown[] }>('sibling', 'POST', '/bulk', { ids: [id], status: 'acknowledged' })).body.failed).toHaveLength(
      1,
    );
  });

  it('pages its events oldest first and leaves out what is no longer kept', async () => {
    await plant(['e3', 'e1', 'gone', 'e2'].map((event, i) => ({ event, happened: START + [30, 10, 15, 20][i]! })));
    const { id } = await first();
    const one = (await call<AlertEvents>('unit', 'GET', `/${id}/events?limit=2`)).body;
    expect(one).toMatchObject({ total: 4, items: [{ event: { id: 'e1' } }] });
    const two = (await call<AlertEvents>('unit', 'GET', `/${id}/events?limit=2&cursor=${one.next}`)).body;
    expect(two.items.map((event) => event.event.id)).toEqual(['e2', 'e3']);
    expect(two.next).toBeUndefined();
  });

  it('asks for the timeline of its host in its agency, whatever the host is called', async () => {
    await plant([{ event: 'a', host: '"x" or *\\' }]);
    const { id } = await first();
    expect((await call('unit', 'GET', `/${id}/timeline?before=10&after=20`)).body).toMatchObject({ items: [{ event: { id: 'around' } }] });
    expect(searches[0]).toMatchObject({
      query: String.raw`organization.id: "bca-c06" and host.name: "\"x\" or *\\"`,
      range: { from: START - 10, to: START + 21 },
      limit: 500,
    });
  });

  it('explains its own events only', async () => {
    await plant([{ event: 'a' }]);
    const { id } = await first();
    expect((await call('unit', 'GET', `/${id}/explain?event=a`)).body).toMatchObject({ ruleId: 'rule-1' });
    expect((await call('unit', 'GET', `/${id}/explain?event=b`)).body.error?.code).toBe('ALERT_EVENT_UNKNOWN');
  });
});

describe('triage', () => {
  it('changes, records who and what, audits and pushes', async () => {
    await plant([{ event: 'a' }]);
    const { id } = await first();
    const changed = await patch(id, { version: 1, status: 'acknowledged', assignee: people.unit.id });
    expect(changed.body).toMatchObject({ status: 'acknowledged', assignee: { id: people.unit.id, name: 'minh' }, version: 2 });
    const { history } = (await call<AlertDetail>('ministry', 'GET', `/${id}`)).body;
    expect(history).toMatchObject([
      { kind: 'created' },
      {
        kind: 'changed',
        actor: { id: people.unit.id },
        changes: { status: ['open', 'acknowledged'], assignee: [null, { id: people.unit.id }] },
      },
    ]);
    const { items } = await world.identity.audit(people.auditor.scope, { action: 'alert' });
    expect(items).toMatchObject([{ action: 'alert.change', target: id, agency: 'bca-c06', actor: { name: 'minh' } }]);
    expect(announced).toBe(1);
    expect(await world.state.system<AlertTables>().selectFrom('changes').selectAll().where('kind', '=', 'alert').execute()).toHaveLength(2);
  });

  it('on an old version is refused with the alert as it is', async () => {
    await plant([{ event: 'a' }]);
    const { id } = await first();
    await patch(id, { version: 1, status: 'acknowledged' });
    const late = await patch(id, { version: 1, status: 'open' });
    expect(late.status).toBe(409);
    expect(late.body.error).toMatchObject({ code: 'ALERT_CHANGED', details: { alert: { id, version: 2, status: 'acknowledged' } } });
  });

  it('is not disturbed by events that join meanwhile', async () => {
    await plant([{ event: 'a' }]);
    const { id, version } = await first();
    await plant([{ event: 'b' }]);
    expect((await patch(id, { version, status: 'acknowledged' })).body).toMatchObject({ count: 2, status: 'acknowledged' });
  });

  it('closes only with verdict and reason, and what was closed can be opened again', async () => {
    await plant([{ event: 'a' }]);
    const { id } = await first();
    for (const partial of [{}, { verdict: 'benign' }, { reason: 'x' }, { verdict: 'benign', reason: '  ' }]) {
      expect((await patch(id, { version: 1, status: 'closed', ...partial })).body.error?.code).toBe('ALERT_CLOSING_INCOMPLETE');
    }
    const closed = await patch(id, { version: 1, status: 'closed', verdict: 'benign', reason: 'kiểm tra định kỳ' });
    expect(closed.body).toMatchObject({ status: 'closed', verdict: 'benign', verdictReason: 'kiểm tra định kỳ', version: 2 });
    expect((await patch(id, { version: 2, verdict: null })).body.error?.code).toBe('ALERT_CLOSING_INCOMPLETE');
    const open = (await patch(id, { version: 2, status: 'open', assignee: null, verdict: null })).body;
    expect(open).toMatchObject({ status: 'open', version: 3 });
    expect(open.verdict).toBeUndefined();
    expect(open.verdictReason).toBeUndefined();
    await plant([{ event: 'b' }]);
    expect(await first()).toMatchObject({ id, count: 2 });
  });

  it('gives an alert only to someone who can see it', async () => {
    await plant([{ event: 'a', agency: 'bca' }]);
    const { id } = (await list('ministry')).body.items[0]!;
    for (const assignee of [people.unit.id, people.sibling.id, 'nobody']) {
      expect((await patch(id, { version: 1, assignee }, 'ministry')).body.error?.code).toBe('ALERT_ASSIGNEE_UNKNOWN');
    }
    expect((await patch(id, { version: 1, assignee: people.ministry.id }, 'ministry')).status).toBe(200);
    expect((await list('ministry', '?assignee=me')).body.total).toBe(1);
  });

  it('of many does what can be done and names the rest', async () => {
    await plant(Array.from({ length: 30 }, (_, i) => ({ event: `e${i}`, host: `may-${i}` })));
    const ids = (await list('unit')).body.items.map((alert) => alert.id);
    const done = await call<{ changed: AlertSummary[]; failed: object[] }>('unit', 'POST', '/bulk', {
      ids: [...ids, 'none', ids[0]],
      status: 'closed',
      verdict: 'duplicate',
      reason: 'một đợt',
    });
    expect(done.body.changed).toHaveLength(30);
    expect(done.body.failed).toEqual([{ id: 'none', code: 'ALERT_NOT_FOUND', message: expect.any(String) }]);
    expect((await list('unit', '?status=closed')).body.total).toBe(30);
  });

  it('comments are kept in the history', async () => {
    await plant([{ event: 'a' }]);
    const { id } = await first();
    expect((await call('unit', 'POST', `/${id}/comments`, { text: 'đã gọi cho đơn vị' })).body).toMatchObject({ kind: 'comment' });
    expect((await call('unit', 'POST', `/${id}/comments`, { text: '   ' })).status).toBe(400);
    const { history, version } = (await call<AlertDetail>('unit', 'GET', `/${id}`)).body;
    expect(history.at(-1)).toMatchObject({ kind: 'comment', comment: 'đã gọi cho đơn vị', actor: { name: 'minh' } });
    expect(version).toBe(1);
  });

  it('is not for auditors', async () => {
    await plant([{ event: 'a' }]);
    const { id } = await first();
    expect((await patch(id, { version: 1, status: 'acknowledged' }, 'auditor')).status).toBe(403);
    expect((await call('auditor', 'GET', `/${id}`)).status).toBe(200);
  });
});
