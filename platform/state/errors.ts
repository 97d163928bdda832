import { errorMaker, type ErrorCatalogue } from '../errors/index.ts';

export const STATE_ERRORS = {
  STATE_OUT_OF_SCOPE: { status: 403, message: 'You may not write to {table} for the agency {agency}: it is not in your reach.' },
  STATE_RAW_SQL: { status: 500, message: 'A scoped query must not read or write tables in raw SQL: {reason}.' },
  STATE_UNSCOPABLE: { status: 500, message: 'This query cannot be bounded to a scope: {reason}.' },
  STATE_NESTED: { status: 500, message: 'A transaction is open here: use its handle instead of a second one.' },
  STATE_FULL: { status: 503, message: 'The disk that holds the state has no room. Free space on it and try again.' },
  STATE_BUSY: { status: 503, message: 'The state is locked by another writer for too long. Try again.' },
  STATE_CLOSED: { status: 503, message: 'The state is closed: the server is stopping.' },
  STATE_DAMAGED: { status: 500, message: 'The state file {path} is damaged: {reason}. Restore it from a backup.' },
  STATE_MIGRATION_DUPLICATE: { status: 500, message: 'Two migrations are called {name}: in {first} and in {second}.' },
  STATE_MIGRATION_FAILED: { status: 500, message: 'Migration {name} of {module} failed: {reason}. The state is as it was before it.' },
} satisfies ErrorCatalogue<string>;

export const stateError = errorMaker(STATE_ERRORS);
