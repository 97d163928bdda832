import type { ErrorEntry } from '@vong/platform/errors';
import { LOG_ERRORS } from '@vong/platform/log';
import { GATEWAY_ERRORS, gatewayError } from './errors.ts';

/** Seconds an agent is asked to wait when nothing better is known. */
export const DEFAULT_ERROR_RETRY = 5;

const OF_THE_LOG: ReadonlyMap<string, ErrorEntry> = new Map(Object.entries(LOG_ERRORS));

/** An error of the worker as this thread's own: ours by code, the log's temporary ones as INGEST_UNAVAILABLE, the rest a bug. */
export function revive(error: { code: string; message: string; details: Record<string, unknown> }): Error {
  const { code, message, details } = error;
  if (isGatewayCode(code)) return gatewayError(code, details);
  if (OF_THE_LOG.get(code)?.status === 503)
    return gatewayError('INGEST_UNAVAILABLE', { reason: message, cause: code, retryAfterSeconds: DEFAULT_ERROR_RETRY });
  return new Error(`${code}: ${message}`, { cause: details['stack'] });
}

function isGatewayCode(code: string): code is keyof typeof GATEWAY_ERRORS {
  return Object.hasOwn(GATEWAY_ERRORS, code);
}
