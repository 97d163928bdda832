import { errorMaker, type ErrorCatalogue } from '../errors/index.ts';

export const STATE_ERRORS = {
  STATE_OUT_OF_SCOPE: { status: 403, message: 'You may not write to {table} for the agency {agency}: it is not in your reach.' },
  STATE_RAW_SQL: { status: 500, message: 'A scoped query must not read or write tables in raw SQL: {reason}.' },
  STATE_UNSCOPABLE: { status: 500, message: 'This query cannot be bounded to a scope: {reason}.' },
  STATE_NESTED: { status: 500, message: 'A transaction is open here: use its handle instead of a second one.' },
  STATE_FULL: { status: 503, message: 'The disk that holds the state has no room. Free space on it and try again.' },
  STATE_BUSY: { status: 503, message: 'The state is locked by another writer for too long. Try again.' },
  STATE_ABORTED: { status: 500, message: 'A statement of the transaction failed: nothing of it was stored.' },
  STATE_CLOSED: { status: 503, message: 'The state is closed: the server is stopping.' },
  STATE_DAMAGED: { status: 500, message: 'The state in {path} is damaged: {reason}. Restore it from a backup.' },
  STATE_UNAVAILABLE: {
    status: 503,
    message: 'PostgreSQL at {address} cannot be reached: {reason}. Try again in {retryAfterSeconds} seconds.',
  },
  STATE_UNCERTAIN: {
    status: 503,
    message:
      'The connection to PostgreSQL at {address} was lost while a change was stored: {reason}. Look whether it was before you repeat it.',
  },
  STATE_TIMEOUT: { status: 503, message: 'A query of the state took longer than {seconds} s and was stopped. Ask for less, or try again.' },
  STATE_VALUE: { status: 400, message: 'The state cannot take or look up a value: {reason}.' },
  STATE_ADDRESS: { status: 500, message: 'The address of PostgreSQL cannot be used: {reason}.' },
  STATE_SERVER: { status: 500, message: 'PostgreSQL at {address} cannot hold the state: {reason}.' },
  STATE_MIGRATION_DUPLICATE: { status: 500, message: 'Two migrations are called {name}: in {first} and in {second}.' },
  STATE_MIGRATION_FAILED: { status: 500, message: 'Migration {name} of {module} failed: {reason}. The state is as it was before it.' },
} satisfies ErrorCatalogue<string>;

export const stateError = errorMaker(STATE_ERRORS);
