/**
 * The one way to the server. Answers JSON, or throws `ApiError` with the server's code, message and incident number. A 401 anywhere
 * means the session has ended: `onSignedOut` is told once, the caller still gets the error.
 */
export interface ApiErrorBody {
  readonly code: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly incident?: string;
}

export class ApiError extends Error {
  override readonly name: string = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** Number to quote when the fault is the server's. */
  readonly incident: string | undefined;

  constructor(status: number, body: ApiErrorBody) {
    super(body.message);
    this.status = status;
    this.code = body.code;
    this.details = body.details ?? {};
    this.incident = body.incident;
  }
}

export type QueryValue = string | number | boolean | readonly string[] | undefined;

/** `?a=1&b=x,y`; undefined, empty strings and empty lists are left out. */
export function queryString(query: Readonly<Record<string, QueryValue>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    const text = Array.isArray(value) ? value.join(',') : String(value ?? '');
    if (text !== '') parameters.set(name, text);
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

let signedOut: () => void = () => undefined;

/** Registers who is told that the session has ended. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

/** Says that the session has ended, learned otherwise than from an answer. */
export function sessionEnded(): void {
  signedOut();
}

export interface ApiOptions {
  readonly query?: Readonly<Record<string, QueryValue>>;
  /** Sent as JSON, or as it is when `FormData`. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** A 401 is an answer here (signing in, asking who is signed in), not the end of a session. */
  readonly expect401?: boolean;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';

async function readError(response: Response): Promise<ApiError> {
  const fallback = { code: `HTTP_${response.status}`, message: response.statusText || `HTTP ${response.status}` };
  try {
    const parsed: unknown = await response.json();
    const error = typeof parsed === 'object' && parsed !== null && 'error' in parsed ? parsed.error : undefined;
    return new ApiError(response.status, typeof error === 'object' ? { ...fallback, ...error } : fallback);
  } catch {
    return new ApiError(response.status, fallback);
  }
}

/** @throws {ApiError} with code `NETWORK` and status 0 when the server cannot be reached. */
export async function request<Answer>(method: Method, path: string, options: ApiOptions = {}): Promise<Answer> {
  const { query, body, signal } = options;
  const headers = new Headers({ accept: 'application/json', 'x-vong': '1' });
  const init: RequestInit = { method, credentials: 'same-origin', headers };
  if (signal) init.signal = signal;
  if (body instanceof FormData) init.body = body;
  else if (body !== undefined) {
    init.body = JSON.stringify(body);
    headers.set('content-type', 'application/json');
  }
  let response: Response;
  try {
    response = await fetch(`${path}${queryString(query ?? {})}`, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, { code: 'NETWORK', message: error instanceof Error ? error.message : String(error) });
  }
  if (!response.ok) {
    if (response.status === 401 && !options.expect401) signedOut();
    throw await readError(response);
  }
  const answer: unknown = response.status === 204 ? undefined : await response.json();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the answer's shape is the contract; the server checks it
  return answer as Answer;
}

export const api = {
  get: <Answer>(path: string, options?: ApiOptions) => request<Answer>('GET', path, options),
  post: <Answer>(path: string, body?: unknown, options?: ApiOptions) => request<Answer>('POST', path, { ...options, body }),
  patch: <Answer>(path: string, body?: unknown, options?: ApiOptions) => request<Answer>('PATCH', path, { ...options, body }),
  put: <Answer>(path: string, body?: unknown, options?: ApiOptions) => request<Answer>('PUT', path, { ...options, body }),
  delete: <Answer>(path: string, options?: ApiOptions) => request<Answer>('DELETE', path, options),
};
