/** What one alert shows: itself with its history, its events, what happened around it, why it was raised. */
import type { EcsEvent, EventStore } from '@vong/platform/events';
import type { Scope } from '@vong/platform/identity';
import type { State } from '@vong/platform/state';
import type { AlertCorrelation, AlertDetail, AlertEvents, AlertList, AlertQuery, Explanation, RuleDetail } from '../contracts.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { alertError } from './errors.ts';
import { listAlerts } from './list.ts';
import type { AlertRow, AlertTables } from './schema.ts';
import { historyOf, summaryOf } from './summary.ts';
import { findAlert } from './triage.ts';

export interface AlertReadDeps {
  readonly state: State;
  readonly events: Pick<EventStore, 'get' | 'search'>;
  /** Why the rule, in the version that matched, matches the event; undefined when the rule is gone. */
  explain(ruleId: string, event: EcsEvent, version?: string): Promise<Explanation | undefined>;
  /** The rule as it is now; undefined when it is gone. */
  readonly ruleDetail?: (scope: Scope, ruleId: string) => Promise<RuleDetail | undefined>;
}

const FIVE_MINUTES_MS = 300_000;
const TIMELINE_EVENTS = 500;
const EVENTS_PAGE = 100;

export class AlertReads {
  readonly #deps: AlertReadDeps;

  constructor(deps: AlertReadDeps) {
    this.#deps = deps;
  }

  list(scope: Scope, query: AlertQuery): Promise<AlertList> {
    return listAlerts(this.#db(scope), scope, query);
  }

  async detail(scope: Scope, id: string): Promise<AlertDetail> {
    const row = await findAlert(this.#db(scope), id);
    const history = await this.#db(scope).selectFrom('alert_history').selectAll().where('alert_id', '=', id).orderBy('sequence').execute();
    const correlation = await this.#db(scope).selectFrom('alert_correlations').select('body').where('alert_id', '=', id).executeTakeFirst();
    const ruleDetail = await this.#deps.ruleDetail?.(scope, row.rule_id);
    return {
      ...summaryOf(row),
      ...(ruleDetail === undefined ? {} : { ruleDetail }),
      ...correlationOf(correlation),
      history: history.map(historyOf),
    };
  }

  /** Linked events, oldest first. One that is not searchable yet, or no longer kept, is left out of `items`, never of `total`. */
  async events(scope: Scope, id: string, page: { cursor?: string; limit?: number }): Promise<AlertEvents> {
    const { count: total } = await findAlert(this.#db(scope), id);
    const limit = page.limit ?? EVENTS_PAGE;
    let select = this.#db(scope).selectFrom('alert_events').select(['event_id', 'happened', 'rule_version']).where('alert_id', '=', id);
    if (page.cursor !== undefined) {
      const [happened, event] = decodeCursor<readonly [number, string]>('events', [0, ''], page.cursor);
      select = select.where((where) => where(where.refTuple('happened', 'event_id'), '>', where.tuple(happened, event)));
    }
    const links = await select
      .orderBy('happened')
      .orderBy('event_id')
      .limit(limit + 1)
      .execute();
    const shown = links.slice(0, limit);
    const last = shown.at(-1);
    const found = await this.#deps.events.get(
      scope,
      shown.map((link) => link.event_id),
    );
    const byId = new Map(found.map((event) => [event.event.id, event]));
    return {
      items: shown.flatMap((link) => byId.get(link.event_id) ?? []),
      versions: Object.fromEntries(shown.flatMap((link) => (link.rule_version === null ? [] : [[link.event_id, link.rule_version]]))),
      ...(links.length > limit && last !== undefined ? { next: encodeCursor('events', [last.happened, last.event_id]) } : {}),
      total,
    };
  }

  /** What the same host (or, without one, the same user) of the agency did around the alert; the newest 500, newest first. */
  async timeline(scope: Scope, id: string, around: { before?: number; after?: number }): Promise<{ items: readonly EcsEvent[] }> {
    const alert = await findAlert(this.#db(scope), id);
    const query = placeOf(alert.agency, alert.host, alert.user_name);
    if (query === undefined) return { items: (await this.events(scope, id, { limit: TIMELINE_EVENTS })).items.toReversed() };
    const { before = FIVE_MINUTES_MS, after = FIVE_MINUTES_MS } = around;
    const range = { from: alert.first - before, to: alert.last + after + 1 };
    const { items } = await this.#deps.events.search({ scope, query, range, limit: TIMELINE_EVENTS, order: 'newest' });
    return { items };
  }

  async explain(scope: Scope, id: string, eventId: string): Promise<Explanation> {
    const alert = await findAlert(this.#db(scope), id);
    const link = await this.#db(scope)
      .selectFrom('alert_events')
      .select('rule_version')
      .where('alert_id', '=', id)
      .where('event_id', '=', eventId)
      .executeTakeFirst();
    if (link === undefined) throw alertError('ALERT_EVENT_UNKNOWN', { event: eventId });
    const [event] = await this.#deps.events.get(scope, [eventId]);
    const explanation = event === undefined ? undefined : await this.#explanation(alert, event, link.rule_version ?? undefined);
    if (explanation === undefined) throw alertError('ALERT_NO_EXPLANATION', { rule: alert.rule_id, event: eventId });
    return explanation;
  }

  /** Of a correlation's alert: why the rule matched whose match the event is. */
  async #explanation(alert: AlertRow, event: EcsEvent, version: string | undefined): Promise<Explanation | undefined> {
    const row = await this.#deps.state
      .system<AlertTables>()
      .selectFrom('alert_correlations')
      .select('body')
      .where('alert_id', '=', alert.id)
      .executeTakeFirst();
    const { correlation } = correlationOf(row);
    if (correlation === undefined) return await this.#deps.explain(alert.rule_id, event, version);
    let found: Explanation | undefined;
    for (const rule of correlation.matched) {
      const explanation = await this.#deps.explain(rule, event);
      if (explanation?.conditions.some(({ result }) => result) === true) return explanation;
      found ??= explanation;
    }
    return found;
  }

  #db(scope: Scope) {
    return this.#deps.state.as<AlertTables>(scope);
  }
}

/** As `describeAlerts` wrote it. */
function correlationOf(row: { body: string } | undefined): Pick<AlertDetail, 'correlation'> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by us in this shape
  return row === undefined ? {} : { correlation: JSON.parse(row.body) as AlertCorrelation };
}

function placeOf(agency: string, host: string, user: string): string | undefined {
  const agencyClause = `organization.id: ${quoted(agency)}`;
  if (host !== '') return `${agencyClause} and host.name: ${quoted(host)}`;
  return user === '' ? undefined : `${agencyClause} and user.name: ${quoted(user)}`;
}

/** A KQL string: whatever stands in it is text, no operator. */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
