/**
 * An event in Elastic Common Schema names (8.x). The raw record is kept in `event.original`; the original Windows and Sysmon
 * field names stay reachable for rules under `winlog.event_data` / `winlog.user_data`, auditd's under `auditd.data`.
 * Parsers fill what the record says and nothing else; the gateway adds identity (`event.id`, `organization`, `agent`) and times.
 */
export interface EcsEvent {
  /** happened: when the source says the event took place; ISO 8601 UTC, milliseconds. */
  '@timestamp': string;
  event: {
    /** Deterministic: a function of agency, agent and the record's own id. */
    id: string;
    kind: 'event';
    /** The raw record, exactly as collected. */
    original: string;
    /** Parser that made this event: windows, sysmon, sysmon_linux, auditd, sshd, sudo, su, cron, nginx, apache, syslog, json, unparsed. */
    module: string;
    /** collected: when the agent read it. */
    created: string;
    /** received: when the gateway took it. */
    ingested: string;
    code?: string;
    provider?: string;
    dataset?: string;
    category?: string[];
    type?: string[];
    action?: string;
    outcome?: 'success' | 'failure' | 'unknown';
  };
  /** The agency the event belongs to; `id` is the agency's code. */
  organization: { id: string };
  agent: { id: string; name: string; type: string };
  host?: { name?: string; ip?: string[]; os?: { type?: string } };
  user?: EcsUser & { target?: EcsUser; effective?: EcsUser };
  process?: EcsProcess & { parent?: EcsProcess };
  source?: EcsEndpoint;
  destination?: EcsEndpoint;
  network?: { protocol?: string; transport?: string; direction?: string };
  url?: { original?: string; path?: string; query?: string; domain?: string };
  http?: {
    version?: string;
    request?: { method?: string; referrer?: string };
    response?: { status_code?: number; body?: { bytes?: number } };
  };
  user_agent?: { original?: string };
  file?: { path?: string; name?: string; directory?: string; hash?: Record<string, string> };
  dll?: { path?: string; name?: string; hash?: Record<string, string> };
  registry?: { path?: string; value?: string; data?: { strings?: string[] } };
  dns?: { question?: { name?: string; type?: string }; answers?: { data: string }[] };
  service?: { name?: string };
  log?: {
    level?: string;
    file?: { path?: string };
    syslog?: {
      facility?: { code: number };
      severity?: { code: number };
      priority?: number;
      appname?: string;
      procid?: string;
      msgid?: string;
      structured_data?: Record<string, Record<string, string>>;
    };
  };
  message?: string;
  winlog?: {
    channel?: string;
    provider_name?: string;
    provider_guid?: string;
    event_id?: number;
    computer_name?: string;
    record_id?: number;
    task?: string;
    opcode?: string;
    level?: string;
    keywords?: string[];
    /** EventData with the original field names; values as strings, numbers or arrays of strings. */
    event_data?: Record<string, unknown>;
    user_data?: Record<string, unknown>;
  };
  auditd?: { message_type?: string; sequence?: number; session?: string; data?: Record<string, unknown> };
  /** What a JSON record says that has no ECS name of its own: the record's own keys. */
  json?: Record<string, unknown>;
  labels?: Record<string, string>;
  /** `unparsed`, `invalid_utf8`, `truncated`, `clock_skew`. */
  tags?: string[];
}

export interface EcsUser {
  name?: string;
  domain?: string;
  id?: string;
}

export interface EcsProcess {
  pid?: number;
  entity_id?: string;
  name?: string;
  executable?: string;
  command_line?: string;
  working_directory?: string;
  hash?: Record<string, string>;
}

export interface EcsEndpoint {
  ip?: string;
  port?: number;
  domain?: string;
  address?: string;
}
