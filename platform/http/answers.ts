/** How failures are answered: an expected one with its code and status, a bug with an incident number that stands in the log. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { VongError } from '../errors/index.ts';
import { randomId } from '../ids/index.ts';
import type { Logger } from '../logger/index.ts';
import { httpError } from './errors.ts';

export interface ErrorBody {
  error: { code: string; message: string; details?: Readonly<Record<string, unknown>>; incident?: string };
}

export function answerErrors(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((error: unknown, request, reply) => answerError(reply, { error, request, logger }));
}

export interface Failed {
  readonly error: unknown;
  readonly request: FastifyRequest;
  readonly logger: Logger;
}

export function answerError(reply: FastifyReply, failed: Failed): FastifyReply {
  const known = expected(failed.error);
  return known ? answer(reply, known) : answerBug(reply, failed);
}

/** Sends an expected error; `details.retryAfterSeconds` becomes the header Retry-After. */
export function answer(reply: FastifyReply, error: VongError): FastifyReply {
  const { code, message, details } = error;
  const seconds = details['retryAfterSeconds'];
  if (typeof seconds === 'number') reply.header('retry-after', String(Math.max(1, Math.ceil(seconds))));
  const body: ErrorBody = { error: { code, message, ...(Object.keys(details).length > 0 ? { details } : {}) } };
  return reply.status(error.status).type('application/json; charset=utf-8').send(JSON.stringify(body));
}

function answerBug(reply: FastifyReply, { error, request, logger }: Failed): FastifyReply {
  const incident = randomId();
  const { url, method } = request.routeOptions;
  // Only name, message and stack: errors of client libraries carry whole request bodies.
  const found = error instanceof Error ? error : new Error(String(error));
  logger.error({ incident, method, url, error: found.message, stack: stackOf(found) }, 'a request failed by a bug');
  const { code, message } = httpError('HTTP_BUG', { incident });
  const body: ErrorBody = { error: { code, message, incident } };
  return reply.status(500).type('application/json; charset=utf-8').send(JSON.stringify(body));
}

function stackOf(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by ${error.cause.stack ?? error.cause.message}` : own;
}

/** The error as one of ours, or undefined for a bug. */
function expected(error: unknown): VongError | undefined {
  if (!(error instanceof Error)) return undefined;
  // Status 500 means the code of the server is at fault, not the request.
  if (isExpected(error)) return error.status === 500 ? undefined : error;
  const { validation, validationContext, statusCode } = error as Partial<FastifyError>;
  if (validation) return invalid(validation, validationContext);
  if (statusCode === 413) return httpError('HTTP_TOO_LARGE');
  if (statusCode === 415 || statusCode === 406) return httpError('HTTP_MEDIA_TYPE');
  if (statusCode === 404) return httpError('HTTP_NOT_FOUND');
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return httpError('HTTP_MALFORMED', { problem: error.message });
  return undefined;
}

// By shape: packages that stand alone have an error class of their own.
function isExpected(error: Error): error is VongError {
  if (error instanceof VongError) return true;
  const { code, status, details } = error as Partial<VongError>;
  return typeof code === 'string' && typeof status === 'number' && status >= 400 && status < 600 && typeof details === 'object';
}

function invalid(validation: NonNullable<FastifyError['validation']>, context: string | undefined): VongError {
  const first = validation[0];
  const missing = first?.params?.['requiredProperties'];
  const path = (first?.instancePath ?? '').split('/').filter(Boolean);
  if (Array.isArray(missing) && missing.length > 0) path.push(String(missing[0]));
  const where = context === undefined || context === 'querystring' ? 'query' : context;
  const field = [where, ...path].join('.').slice(0, 200);
  return httpError('HTTP_INVALID', { field, problem: (first?.message ?? 'is not valid').slice(0, 300) });
}
