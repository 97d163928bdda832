/** What each route is called with, aimed at an agency that the caller must not reach. A new route has to be added here. */
import type { RouteInfo } from '@vong/platform/http/testing';

/** Stands in every name, host, user and code of the agency that must stay unseen. */
export const SECRET = 'bi-mat';
export const VICTIM = `bo-${SECRET}`;

/** Of one thing of each kind in that agency. */
export type Ids = Readonly<Record<string, string>>;

/** Address of a route with the victim's ids in place of its parameters. */
export function addressOf(url: string, ids: Ids): string {
  const things: [string, string | undefined][] = [
    ['/api/alerts/', ids['alert']],
    ['/api/events/fields/', 'host.name'],
    ['/api/events/', ids['event']],
    ['/api/dead-letters/', ids['letter']],
    ['/api/agents/', ids['agent']],
    ['/api/users/', ids['user']],
    ['/api/keys/', ids['key']],
    ['/api/saved-searches/', ids['search']],
    ['/api/replays/', ids['replay']],
    ['/api/recordings/', ids['recording']],
    ['/api/agencies/', VICTIM],
    ['/api/rules/', 'x'],
    ['/api/placeholders/', SECRET.replace('-', '_')],
    ['/api/sessions/', 'x'],
    ['/api/setup/', 'x'],
  ];
  const id = things.find(([prefix]) => url.startsWith(prefix))?.[1];
  if (url.includes(':') && id === undefined) throw new Error(`say in test/harness/what-routes-take.ts what ${url} takes`);
  return url.replace(/:\w+/g, encodeURIComponent(id ?? ''));
}

/** A valid body for each changing route, aimed at the victim. */
export function bodyOf(route: RouteInfo, ids: Ids): unknown {
  const bodies: Record<string, unknown> = {
    'PATCH /api/alerts/:id': { version: 1, status: 'acknowledged' },
    'POST /api/alerts/bulk': { ids: [ids['alert']], status: 'acknowledged' },
    'POST /api/alerts/:id/comments': { text: 'x' },
    'POST /api/agencies': { code: 'moi', nameVi: 'x', nameEn: 'x', kind: 'unit', parent: VICTIM },
    'PATCH /api/agencies/:code': { nameVi: 'x' },
    'POST /api/users': { name: 'ke-la', displayName: 'x', role: 'analyst', agency: VICTIM },
    'PATCH /api/users/:id': { disabled: true },
    'POST /api/users/:id/link': undefined,
    'POST /api/keys': { name: 'x', agency: VICTIM, role: 'auditor' },
    'DELETE /api/keys/:id': undefined,
    'POST /api/agents': { agency: VICTIM, name: 'ke-la' },
    'DELETE /api/agents/:id': undefined,
    'POST /api/dead-letters/replay': { ids: [ids['letter']] },
    'POST /api/saved-searches': { name: 'x', query: '', columns: [], agency: VICTIM },
    'DELETE /api/saved-searches/:id': undefined,
    'PATCH /api/rules/:id': { enabled: false },
    'POST /api/rules/bulk': { ids: ['x'], enabled: false },
    'POST /api/rules/import': undefined,
    'PUT /api/placeholders/:name': { agency: VICTIM, values: ['x'], replaces: false },
    'DELETE /api/placeholders/:name': undefined,
    'POST /api/recordings': undefined,
    'DELETE /api/recordings/:id': undefined,
    'POST /api/replays': { recording: ids['recording'], agency: VICTIM, speed: 0 },
    'DELETE /api/replays/:id': undefined,
    'PATCH /api/session': { language: 'en' },
    'DELETE /api/sessions/:id': undefined,
  };
  const name = `${route.method} ${route.url}`;
  if (!(name in bodies)) throw new Error(`say in test/harness/what-routes-take.ts what ${name} takes`);
  return bodies[name];
}
