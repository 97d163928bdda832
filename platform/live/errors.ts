import { errorMaker, type ErrorCatalogue } from '../errors/index.ts';

/** Failures a socket's client is told of. */
export const LIVE_ERRORS = {
  LIVE_INVALID: { status: 400, message: 'The message {event} is not valid: {problem}.' },
  LIVE_TOO_MANY: { status: 429, message: 'Too many connections of this person are open. Close some windows and reload.' },
} as const satisfies ErrorCatalogue<string>;

export const liveError = errorMaker(LIVE_ERRORS);
