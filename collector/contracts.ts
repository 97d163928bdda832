/**
 * What crosses the collector's borders: the batch an agent sends, the record in it, the parser, and what the console reads.
 */
import { Type, type Static } from 'typebox';
import type { EcsEvent } from '@vong/platform/events';

/** Limits of the front door, in bytes of decompressed data unless named otherwise. */
export const LIMITS = {
  batchCompressedBytes: 8 * 1024 * 1024,
  batchBytes: 64 * 1024 * 1024,
  eventBytes: 1024 * 1024,
  recordsPerBatch: 20_000,
  jsonDepth: 64,
} as const;

/** How a record is to be read. `auto` recognises by content. */
export const RecordFormat = Type.Union(
  ['auto', 'windows', 'syslog', 'auditd', 'nginx', 'apache', 'json', 'journald'].map((name) => Type.Literal(name)),
);
export type RecordFormat = 'auto' | 'windows' | 'syslog' | 'auditd' | 'nginx' | 'apache' | 'json' | 'journald';

/**
 * One record as collected. A batch body is NDJSON of these, compressed with zstd or gzip, sent as
 * `POST /ingest/v1/batches` with `authorization: Bearer <agent token>`, `content-type: application/x-ndjson`,
 * `content-encoding: zstd|gzip` (or none) and `x-vong-sequence: <n>` (n grows by one per batch and agent, from 0).
 */
export interface RawRecord {
  /** Unique within the agent and a function of input and position only (file generation + offset), ≤ 200 characters. */
  id: string;
  /** Kind of source: file, journald, evtx, stdin, replay. */
  source: string;
  /** Where from on that host: a path, a channel. */
  path?: string;
  format?: RecordFormat;
  /** When the agent read it: ISO 8601 UTC. */
  collected: string;
  /** Name of the machine the agent runs on, used when the record names none. */
  host?: string;
  /** Minutes east of UTC of that machine's clock, for records whose times name no zone (syslog files). Default 0. */
  utcOffset?: number;
  /** Record text. Exactly one of `raw` and `raw64` is present. */
  raw?: string;
  /** Record bytes in base64, when they are not valid UTF-8. */
  raw64?: string;
  /** Labels the collector adds (exercise id, replay id); become `labels`. */
  labels?: Record<string, string>;
}

/** Answer 200 to a batch. */
export interface BatchReceipt {
  sequence: number;
  /** The batch was already stored. */
  duplicate: boolean;
  accepted: number;
  /** Records that went to the dead letter. */
  deadLettered: number;
}

/** What a parser is given: the text, and what the record's envelope says. No clock: `collected` is the fall-back time. */
export interface ParserInput {
  readonly raw: string;
  readonly format: RecordFormat;
  readonly collected: string;
  readonly host?: string;
  readonly path?: string;
  readonly utcOffset?: number;
}

/** What a parser makes: an event without identity and receipt; the gateway adds those. */
export type ParsedEvent = Omit<EcsEvent, 'event' | 'organization' | 'agent'> & {
  event: Omit<EcsEvent['event'], 'id' | 'created' | 'ingested'>;
};

/**
 * `collector/parsers` exports `parseRecord: ParseRecord`: pure, total (never throws), never slower than linear. What matches no
 * parser comes back with `event.module: 'unparsed'`, `message` = raw and the tag `unparsed`. Only a record that breaks a limit
 * (depth, size) is an error, for the dead letter.
 */
export type ParseRecord = (input: ParserInput) => ParseOutcome;
export type ParseOutcome = { readonly event: ParsedEvent } | { readonly error: { readonly code: string; readonly reason: string } };

/** Counters an agent reports with `POST /ingest/v1/status`, all since its first start. */
export const AgentStatus = Type.Object({
  version: Type.String({ maxLength: 64 }),
  host: Type.String({ maxLength: 255 }),
  started: Type.String({ maxLength: 40 }),
  counters: Type.Object({
    read: Type.Integer({ minimum: 0 }),
    spooled: Type.Integer({ minimum: 0 }),
    sent: Type.Integer({ minimum: 0 }),
    acknowledged: Type.Integer({ minimum: 0 }),
    rejected: Type.Integer({ minimum: 0 }),
  }),
  spool: Type.Object({
    bytes: Type.Integer({ minimum: 0 }),
    limit: Type.Integer({ minimum: 0 }),
    records: Type.Integer({ minimum: 0 }),
    full: Type.Boolean(),
  }),
  sources: Type.Array(
    Type.Object({
      kind: Type.String({ maxLength: 32 }),
      name: Type.String({ maxLength: 1024 }),
      read: Type.Integer({ minimum: 0 }),
      /** Bytes not yet read, where the source can tell. */
      behind: Type.Optional(Type.Integer({ minimum: 0 })),
      error: Type.Optional(Type.String({ maxLength: 1024 })),
    }),
    { maxItems: 500 },
  ),
});
export type AgentStatus = Static<typeof AgentStatus>;

/** An agent as the sources page shows it (`GET /api/agents`). */
export interface AgentView {
  id: string;
  agency: string;
  name: string;
  /** `new`: never connected; `silent`: not seen for 90 s. */
  state: 'new' | 'live' | 'silent' | 'revoked';
  createdAt: number;
  lastSeenAt?: number;
  eventsPerSecond: number;
  /** Milliseconds between happened and received, median of the last minute. */
  lagMs?: number;
  received: number;
  deadLettered: number;
  duplicates: number;
  lastSequence: number;
  status?: AgentStatus;
}

/** `POST /api/agents`; answers `AgentCreated`, the only time the token is shown. */
export const AgentCreate = Type.Object({
  agency: Type.String({ minLength: 1, maxLength: 64 }),
  name: Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$' }),
});
export type AgentCreate = Static<typeof AgentCreate>;
export interface AgentCreated {
  agent: AgentView;
  token: string;
  /** The exact command to run on the agency's machine. */
  command: string;
}

/** A record that could not be parsed (`GET /api/dead-letters`). */
export interface DeadLetterView {
  id: string;
  agency: string;
  agent: string;
  code: string;
  reason: string;
  at: number;
  bytes: number;
  /** First 2,000 characters, invalid bytes shown as \xNN. */
  preview: string;
  replayedAt?: number;
  /** Reason the replay failed again. */
  replayError?: string;
}
