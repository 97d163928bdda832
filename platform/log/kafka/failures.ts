/** What a failure of Kafka or of the way to it means to someone who uses the log. */
import { GenericError, MultipleErrors, ProtocolError, protocolErrors, protocolErrorsCodesById } from '@platformatic/kafka';
import { VongError } from '../../errors/index.ts';
import { logError } from '../errors.ts';

/** Kafka's names of errors (its protocol guide) that say: refused, and asking again changes nothing. */
const DENIED = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'SECURITY_DISABLED',
]);
/** The client's table calls these final; a topic that is being made or moved answers so for a while. */
const PASSING = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_SERVER_ERROR',
  'COORDINATOR_NOT_AVAILABLE',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'NOT_COORDINATOR',
  'NOT_CONTROLLER',
]);
const RETRY_AFTER_SECONDS = 5;
const DEPTH = 8;

/** Kafka's name of an error code, `NONE` for 0. */
export function errorName(code: number): string {
  return protocolErrorsCodesById[code] ?? `error ${code}`;
}

/** True when the same request may well succeed a moment later. */
export function codePasses(code: number): boolean {
  const name = errorName(code);
  return PASSING.has(name) || protocolErrors[name]?.canRetry === true;
}

/** Every error in an error: itself, its causes, and the parts of one that holds several. */
export function errorChain(error: unknown, depth = 0): unknown[] {
  if (depth > DEPTH || typeof error !== 'object' || error === null) return [];
  const inner = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  const cause = 'cause' in error ? [error.cause] : [];
  return [error, ...[...inner, ...cause].flatMap((each) => errorChain(each, depth + 1))];
}

/** The codes of Kafka's own errors inside a failure. */
export function kafkaCodes(error: unknown): number[] {
  return errorChain(error).flatMap((each) => (each instanceof ProtocolError && 'apiCode' in each ? [Number(each.apiCode)] : []));
}

/** True for what is over when brokers are back: the way to them, their elections, their start. */
export function passes(error: unknown): boolean {
  if (error instanceof VongError) return error.code === 'LOG_UNAVAILABLE';
  const codes = kafkaCodes(error);
  if (codes.length > 0) return codes.every((code) => codePasses(code));
  return fromClient(error) && !errorChain(error).some(isAuthentication);
}

/** The client has two kinds of errors, which share no class of their own. */
function fromClient(error: unknown): error is Error {
  return error instanceof GenericError || error instanceof MultipleErrors;
}

function isAuthentication(error: unknown): boolean {
  return error instanceof GenericError && error.code === 'PLT_KFK_AUTHENTICATION';
}

/** The log's own error for a failure of Kafka; anything else comes back as it is. */
export function translate(error: unknown): unknown {
  if (!fromClient(error)) return error;
  const authentication = errorChain(error).some(isAuthentication);
  const denied = kafkaCodes(error)
    .map(errorName)
    .find((name) => DENIED.has(name));
  if (authentication || denied !== undefined) return logError('LOG_DENIED', { reason: denied ?? reasonOf(error) }, error);
  if (kafkaCodes(error).map(errorName).includes('UNSUPPORTED_VERSION')) {
    return logError('LOG_TOO_OLD', { requests: 'the protocol of consumer groups (feature group.version 1)' }, error);
  }
  return unavailable(reasonOf(error), error);
}

export function unavailable(reason: string, cause?: unknown): VongError {
  return logError('LOG_UNAVAILABLE', { reason, retryAfterSeconds: RETRY_AFTER_SECONDS }, cause);
}

/** What a broker answered one partition of a request with, as the log's own error. */
export function fromCode(code: number): VongError {
  const name = errorName(code);
  return DENIED.has(name) ? logError('LOG_DENIED', { reason: name }) : unavailable(name);
}

/** The innermost message: `self-signed certificate in certificate chain` rather than `Connection failed`. */
export function reasonOf(error: unknown): string {
  const messages = errorChain(error).flatMap((each) => (each instanceof Error && each.message !== '' ? [each.message] : []));
  return messages.at(-1) ?? String(error);
}
