/** What crosses the engine's borders: signals, alerts, rules, and what the console reads and sends. */
import { Type, type Static } from 'typebox';
import type { EcsEvent } from '@vong/platform/events';
import type { ExplainTree } from 'sigma-rules-ts';
import type { ProcessingProblem, ProcessingView } from './detector/index.ts';

export type { ExplainMatch, ExplainNode, ExplainSeen } from 'sigma-rules-ts';
export type { ProcessingProblem, ProcessingView } from './detector/index.ts';

export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'informational';
export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'informational'];

/** One rule matched one event: a record of the topic `signals`, keyed by `group`. */
export interface Signal {
  /** stableId(event id, rule id). */
  id: string;
  rule: { id: string; title: string; level: Severity; version: string; tags: string[] };
  /** stableId(rule id, agency, host, user): what an alert groups on. */
  group: string;
  agency: string;
  host: string;
  user: string;
  event: { id: string; happened: number; collected: number; received: number };
  /** When the detector saw the match. */
  detected: number;
  /** Of a rule that correlations refer to. */
  correlated?: {
    /** The values its correlations read, by field. */
    fields: Record<string, unknown>;
    /** The rule raises no alerts of its own (Sigma: `generate`). */
    silent: boolean;
  };
}

/** Why a correlation raised an alert: what it counted, in which group and time. */
export interface AlertCorrelation {
  type: string;
  groupBy: { field: string; value: string }[];
  /** Milliseconds. */
  timespan: number;
  /** Of the first event and of the end of the last window. */
  from: number;
  to: number;
  /** The condition's criteria, as the rule writes them; of a condition in words, its text. */
  condition: string;
  /** What the condition was applied to last. */
  result: number;
  /** The rules referred to, with the events of each. */
  rules: { id: string; title: string; count: number }[];
  /** Detection rules whose matches the alert's events are. */
  matched: string[];
}

export type AlertStatus = 'open' | 'acknowledged' | 'closed';
export type Verdict = 'true_positive' | 'false_positive' | 'benign' | 'duplicate';

/** A row of the queue. Times in milliseconds since the epoch. */
export interface AlertSummary {
  /** Deterministic: stableId(group, first signal's event id); of the first alert of a correlation's match, stableId(match id). */
  id: string;
  agency: string;
  /** `version`: the one that matched last. Absent in alerts from before versions were kept. */
  rule: { id: string; title: string; level: Severity; tags: string[]; version?: string };
  host: string;
  user: string;
  status: AlertStatus;
  assignee?: { id: string; name: string };
  verdict?: Verdict;
  verdictReason?: string;
  /** Events linked. */
  count: number;
  first: number;
  last: number;
  createdAt: number;
  updatedAt: number;
  /** For optimistic change: send back what you saw. */
  version: number;
  /** The five time stamps of the first signal. */
  times: { happened: number; collected: number; received: number; detected: number; alerted: number };
}

export interface AlertList {
  items: AlertSummary[];
  next?: string;
  total: number;
  counts: { status: Record<AlertStatus, number>; severity: Record<Severity, number> };
}

/** Query of `GET /api/alerts`; lists are comma-separated. */
export const AlertQuery = Type.Object({
  agency: Type.Optional(Type.String({ maxLength: 64 })),
  status: Type.Optional(Type.String({ maxLength: 64 })),
  severity: Type.Optional(Type.String({ maxLength: 64 })),
  /** User id, `me` or `none`. */
  assignee: Type.Optional(Type.String({ maxLength: 64 })),
  host: Type.Optional(Type.String({ maxLength: 255 })),
  user: Type.Optional(Type.String({ maxLength: 255 })),
  rule: Type.Optional(Type.String({ maxLength: 64 })),
  /** Part of the rule's title, host or user. */
  q: Type.Optional(Type.String({ maxLength: 255 })),
  from: Type.Optional(Type.Integer()),
  to: Type.Optional(Type.Integer()),
  sort: Type.Optional(Type.Union([Type.Literal('newest'), Type.Literal('oldest'), Type.Literal('severity'), Type.Literal('count')])),
  cursor: Type.Optional(Type.String({ maxLength: 512 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
});
export type AlertQuery = Static<typeof AlertQuery>;

const change = {
  status: Type.Optional(Type.Union([Type.Literal('open'), Type.Literal('acknowledged'), Type.Literal('closed')])),
  /** User id, or null for nobody. */
  assignee: Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Null()])),
  verdict: Type.Optional(
    Type.Union([
      Type.Literal('true_positive'),
      Type.Literal('false_positive'),
      Type.Literal('benign'),
      Type.Literal('duplicate'),
      Type.Null(),
    ]),
  ),
  /** Required when closing. */
  reason: Type.Optional(Type.String({ maxLength: 4000 })),
};
/** `PATCH /api/alerts/:id`; 409 ALERT_CHANGED with the current alert in details when `version` is not the stored one. */
export const AlertChange = Type.Object({ version: Type.Integer(), ...change });
export type AlertChange = Static<typeof AlertChange>;
/** `POST /api/alerts/bulk`: the same change on up to 500 alerts; answers { changed: AlertSummary[], failed: {id, code, message}[] }. */
export const AlertBulkChange = Type.Object({ ids: Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 500 }), ...change });
export type AlertBulkChange = Static<typeof AlertBulkChange>;

/** `GET /api/alerts/:id` */
export interface AlertDetail extends AlertSummary {
  ruleDetail?: RuleDetail;
  /** Of an alert that a correlation raised. */
  correlation?: AlertCorrelation;
  history: AlertHistoryEntry[];
}

/** One entry of an alert's history, oldest first. */
export interface AlertHistoryEntry {
  at: number;
  actor: { kind: string; id: string; name: string };
  kind: 'created' | 'changed' | 'comment';
  comment?: string;
  /** Field → [before, after]. */
  changes?: Record<string, [unknown, unknown]>;
}

/** `GET /api/alerts/:id/events?cursor=&limit=`: the linked events, oldest first. */
export interface AlertEvents {
  items: EcsEvent[];
  /** Event id to the version of the rule that matched it. */
  versions: Record<string, string>;
  next?: string;
  total: number;
}

/** `GET /api/alerts/:id/explain?event=<event id>`: why the rule matched that event. */
export interface Explanation extends Pick<ExplainTree, 'conditions' | 'matches'> {
  ruleId: string;
  /** The rule as it was when it matched, where that version is still kept; `version` says which one this is. */
  yaml: string;
  version: string;
}

/**
 * Whether the detectors run a rule: `pending` until every detector thread uses what was saved last; `faulty` when it cannot be loaded or
 * threw while it looked at an event; `no_logsource` when no event can be of its log source; `needs_values` when no agency gives values
 * for its placeholders.
 */
export type RuleState = 'in_use' | 'pending' | 'off' | 'faulty' | 'no_logsource' | 'needs_values';
export const RULE_STATES: readonly RuleState[] = ['in_use', 'pending', 'off', 'faulty', 'no_logsource', 'needs_values'];

export type RuleSort = 'title' | 'level' | 'state' | 'matches' | 'last' | 'cost';
export const RULE_SORTS: readonly RuleSort[] = ['title', 'level', 'state', 'matches', 'last', 'cost'];

/** A rule in the list (`GET /api/rules`). Matches are those of the agencies the reader reaches. */
export interface RuleSummary {
  id: string;
  /** A filter narrows the rules it names and matches nothing itself; a correlation looks at what rules matched; absent for a rule. */
  kind?: 'filter' | 'correlation';
  title: string;
  level: Severity;
  status: string;
  logsource: { product?: string; service?: string; category?: string };
  tags: string[];
  enabled: boolean;
  /** Where it came from: pack or file name. */
  origin: string;
  /** SHA-256 of the YAML, 12 hex digits. */
  version: string;
  matches24h: number;
  /** Matches of each of the last 24 hours, the present one last; absent when there were none. */
  hourly?: number[];
  /** When it last matched, as far as is remembered. */
  lastMatch?: number;
  state: RuleState;
  /** Why it is `faulty` or `needs_values`. */
  reason?: string;
  /** The version every detector thread uses, and since when; absent when none does. */
  inUse?: { version: string; since: number };
  /** What it costs: nanoseconds an event on average, and its share (0…1) of what all rules cost. Measured on a sample of events. */
  cost?: { ns: number; share: number };
  updatedAt: number;
}
export interface RuleDetail extends RuleSummary {
  yaml: string;
  description?: string;
  author?: string;
  references: string[];
  falsepositives: string[];
  /** Names of the placeholders its values hold. */
  placeholders: string[];
  /** Of a correlation in use, for those who run the whole node: what it holds now, and since the process began or it was changed. */
  memory?: CorrelationMemory;
}
export interface CorrelationMemory {
  groups: number;
  events: number;
  /** Had to go for want of room: what they would have matched was missed. */
  evictedGroups: number;
  evictedEvents: number;
  /** Not counted: too late, without a field it groups by, without the value it looks at. */
  late: number;
  withoutGroup: number;
  withoutValue: number;
  matches: number;
}

/** One placeholder as an agency sees it (`GET /api/placeholders?agency`: `{agency, items}`). */
export interface PlaceholderView {
  /** Without the percent signs. */
  name: string;
  /** Rules that use it. */
  rules: { id: string; title: string }[];
  /** What the agency gives itself. */
  own?: { values: string[]; replaces: boolean; updatedAt: number; updatedBy: string };
  /** What comes from the agencies above. */
  inherited: string[];
  /** What the rules see in the agency's events. */
  effective: string[];
}
/** `PUT /api/placeholders/:name`; `DELETE /api/placeholders/:name?agency` takes the agency's own values back. */
export const ValuesChange = Type.Object({
  agency: Type.String({ minLength: 1, maxLength: 64 }),
  /** Sigma strings: `*` and `?` are wildcards. */
  values: Type.Array(Type.String({ minLength: 1, maxLength: 1024 }), { maxItems: 1000 }),
  /** Instead of the values from above; otherwise besides them. */
  replaces: Type.Boolean(),
});
export type ValuesChange = Static<typeof ValuesChange>;

/** `GET /api/rules/pipelines` */
export interface RulePipelines {
  /** The administrator's processing pipelines in use, in the order in which they apply; files by name, without their directory. */
  processing: ProcessingView[];
  /** Since when every detector thread of this process has used them, milliseconds since the epoch; absent until all do. */
  since?: number;
  /** Why what their files hold now is not in use: those of before are. */
  problem?: ProcessingProblem;
  /** For the checks of rules: the pipelines that say what events look like, and the processing pipelines. */
  texts: { events: string[]; processing: string[] };
}

export interface RuleFailure {
  file: string;
  line?: number;
  column?: number;
  code: string;
  reason: string;
}
/** `POST /api/rules/import` (multipart: .zip, .yml, .yaml). */
export interface RuleImportResult {
  imported: number;
  updated: number;
  unchanged: number;
  failed: RuleFailure[];
}

/** `GET /api/pipeline` */
export type { PipelineStatus } from './pipeline/index.ts';
