/**
 * Speaks to the cluster. Everything that goes wrong leaves here as an `ElasticFailure` that holds a status and a short reason:
 * the client's own errors carry the whole request, with events and credentials in it, and must not reach a log.
 */
import { Client, errors } from '@elastic/elasticsearch';
import { eventsError } from '../errors.ts';
import type { VongError } from '../../errors/index.ts';
import type { Settings } from './options.ts';

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: object;
  /** Newline-delimited JSON, instead of `body`. */
  readonly lines?: string;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

export type FailureKind = 'answered' | 'unreachable' | 'timeout' | 'aborted';

export class ElasticFailure extends Error {
  override readonly name = 'ElasticFailure';
  readonly kind: FailureKind;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** Elasticsearch's name of the error, `version_conflict_engine_exception`. */
  readonly type: string;

  constructor(kind: FailureKind, status: number, given: { readonly type: string; readonly reason: string }) {
    super(given.reason.slice(0, MAX_REASON));
    this.kind = kind;
    this.status = status;
    this.type = given.type;
  }

  /** True where the same request may succeed later. */
  get passing(): boolean {
    return this.kind === 'unreachable' || this.kind === 'timeout' || PASSING.has(this.status);
  }
}

const MAX_REASON = 600;
const PASSING: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);
const REQUEST_MS = 60_000;
const MAX_RESPONSE = 500_000_000;

export class Elastic {
  private readonly client: Client;

  constructor(settings: Settings) {
    const { nodes, user, password, apiKey, ca } = settings;
    const auth =
      apiKey === undefined ? (user === undefined ? {} : { auth: { username: user, password: password ?? '' } }) : { auth: { apiKey } };
    this.client = new Client({
      nodes: [...nodes],
      ...auth,
      ...(ca === undefined ? {} : { tls: { ca } }),
      // Trying again is decided by who asks: a batch differs from a search.
      maxRetries: 0,
      requestTimeout: REQUEST_MS,
      maxResponseSize: MAX_RESPONSE,
      // Nodes that failed are asked again by a real request: a ping is answered 405 by a server of core modules only.
      resurrectStrategy: 'optimistic',
      enableMetaHeader: false,
    });
  }

  /** @throws ElasticFailure */
  async request<Answer>(request: Request): Promise<Answer> {
    const { method, path, query, body, lines, signal, timeoutMs } = request;
    try {
      const answer: unknown = await this.client.transport.request(
        {
          method,
          path,
          ...(query === undefined ? {} : { querystring: { ...query } }),
          ...(body === undefined ? {} : { body }),
          ...(lines === undefined ? {} : { bulkBody: lines }),
        },
        { ...(signal === undefined ? {} : { signal }), ...(timeoutMs === undefined ? {} : { requestTimeout: timeoutMs }) },
      );
      // Each caller names the part of Elasticsearch's answer that it reads.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- documented by the reference of each API
      return answer as Answer;
    } catch (error) {
      throw failureOf(error);
    }
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}

function failureOf(error: unknown): ElasticFailure {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof errors.ResponseError)
    return new ElasticFailure('answered', error.statusCode ?? 0, { type: typeOf(error.body), reason });
  if (error instanceof errors.TimeoutError) return new ElasticFailure('timeout', 0, { type: 'timeout', reason });
  if (error instanceof errors.RequestAbortedError) return new ElasticFailure('aborted', 0, { type: 'aborted', reason });
  const unreachable = error instanceof errors.ConnectionError || error instanceof errors.NoLivingConnectionsError;
  return new ElasticFailure(unreachable ? 'unreachable' : 'answered', 0, { type: 'client', reason });
}

function typeOf(body: unknown): string {
  const error: unknown = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  return typeof error === 'object' && error !== null && 'type' in error ? String(error.type) : '';
}

/** Names of the server's refusals of a query that is too much for it. */
const TOO_LARGE =
  /too_many_clauses|too_many_nested|too_complex|circuit_breaking|too_many_buckets|maxClauseCount|TooManyClauses|too_many_scroll/i;

/** What a reader is told of a failed query. */
export function readFailure(error: unknown, timeoutMs: number): VongError | Error {
  if (!(error instanceof ElasticFailure)) return error instanceof Error ? error : new Error(String(error));
  if (error.kind === 'aborted') return eventsError('EVENTS_QUERY_CANCELLED');
  if (error.kind === 'timeout') return eventsError('EVENTS_QUERY_TIMEOUT', { seconds: timeoutMs / 1000 });
  if (TOO_LARGE.test(error.type) || TOO_LARGE.test(error.message)) return eventsError('EVENTS_QUERY_TOO_LARGE');
  if (error.passing) return eventsError('EVENTS_STORE_UNAVAILABLE', { reason: error.message });
  return eventsError('EVENTS_STORE_FAILED', { reason: error.message });
}
