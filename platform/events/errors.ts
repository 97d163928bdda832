import { errorMaker, type ErrorCatalogue } from '../errors/index.ts';

type Code =
  | 'EVENTS_KQL_SYNTAX'
  | 'EVENTS_KQL_TOO_COMPLEX'
  | 'EVENTS_QUERY_TIMEOUT'
  | 'EVENTS_QUERY_CANCELLED'
  | 'EVENTS_QUERY_TOO_LARGE'
  | 'EVENTS_CURSOR_INVALID'
  | 'EVENTS_FIELD_INVALID'
  | 'EVENTS_RANGE_INVALID'
  | 'EVENTS_NOT_FOUND'
  | 'EVENTS_SAVED_SEARCH_NOT_FOUND'
  | 'EVENTS_SAVED_SEARCH_NOT_YOURS'
  | 'EVENTS_AGENCY_UNKNOWN'
  | 'EVENTS_GAP'
  | 'EVENTS_CLOSED'
  | 'EVENTS_STORE_FAILED'
  | 'EVENTS_QUERY_TOO_EXPENSIVE'
  | 'EVENTS_FIELD_NOT_COUNTED'
  | 'EVENTS_STORE_UNAVAILABLE'
  | 'EVENTS_STORE_OPTIONS'
  | 'EVENTS_STORE_TEMPLATES';

export const EVENTS_ERRORS = {
  EVENTS_KQL_SYNTAX: {
    status: 400,
    message: 'The query can not be read at position {position}: expected {expected}, found {found}.',
  },
  EVENTS_KQL_TOO_COMPLEX: {
    status: 400,
    message: 'The query has too many {what} (at most {limit}). Shorten it or split it into several searches.',
  },
  EVENTS_QUERY_TIMEOUT: {
    status: 422,
    message: 'The search took longer than {seconds} s and was stopped. Narrow the time range or add a condition on a field.',
  },
  EVENTS_QUERY_CANCELLED: { status: 499, message: 'The search was cancelled.' },
  EVENTS_QUERY_TOO_LARGE: {
    status: 422,
    message: 'The search needs more memory than it may use. Narrow the time range or add a condition.',
  },
  EVENTS_CURSOR_INVALID: { status: 400, message: 'The page cursor is not one this server gave. Start again from the first page.' },
  EVENTS_FIELD_INVALID: {
    status: 400,
    message: 'The field name {field} can not be used here. Use a dotted name of at most 256 characters.',
  },
  EVENTS_RANGE_INVALID: { status: 400, message: 'The time range must have from < to, in milliseconds since the epoch.' },
  EVENTS_NOT_FOUND: { status: 404, message: 'There is no event {id} in your reach.' },
  EVENTS_SAVED_SEARCH_NOT_FOUND: { status: 404, message: 'There is no saved search {id} in your reach.' },
  EVENTS_SAVED_SEARCH_NOT_YOURS: { status: 403, message: 'Only its owner or an administrator may delete the saved search {id}.' },
  EVENTS_AGENCY_UNKNOWN: { status: 404, message: 'There is no agency {agency} in your reach.' },
  EVENTS_GAP: {
    status: 500,
    message: 'Partition {partition} is stored up to offset {end}; a batch from offset {from} on would leave a gap and was not stored.',
  },
  EVENTS_CLOSED: { status: 503, message: 'The event store is closed.' },
  EVENTS_STORE_FAILED: { status: 500, message: 'The event store failed: {reason}.' },
  EVENTS_QUERY_TOO_EXPENSIVE: {
    status: 422,
    message:
      'The search begins a value with "*" (or looks for a text of one or two characters) and would have to look at every value of {events} events (at most {limit} without a time range). Give a time range, or a further condition on a field.',
  },
  EVENTS_FIELD_NOT_COUNTED: {
    status: 400,
    message: 'The values of {field} are not counted: nearly every event has one of its own. Search for a part of it instead.',
  },
  EVENTS_STORE_UNAVAILABLE: {
    status: 503,
    message: 'Elasticsearch can not be reached or is overloaded: {reason}. It is tried again; check the nodes if this stays.',
  },
  EVENTS_STORE_OPTIONS: { status: 500, message: 'The setting {name} of the event store can not be used: {reason}.' },
  EVENTS_STORE_TEMPLATES: {
    status: 500,
    message:
      'The index templates of Elasticsearch could not be written: {reason}. The user needs the cluster privilege manage_index_templates.',
  },
} satisfies ErrorCatalogue<Code>;

export type EventsErrorCode = Code;

export const eventsError = errorMaker(EVENTS_ERRORS);
