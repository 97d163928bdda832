import { type ErrorCatalogue, errorMaker } from '@vong/platform/errors';

/** The front door's failures. An agent keeps its batch on 401, 403, 429 and 503, and gives up on a batch answered 400, 413 or 415. */
export const GATEWAY_ERRORS = {
  INGEST_AGENCY_UNKNOWN: {
    status: 403,
    message: 'The agency {agency} of this agent does not exist. Ask its administrator to enrol the agent again.',
  },
  INGEST_SEQUENCE: { status: 400, message: 'The header x-vong-sequence must be a whole number from 0: the number of this batch.' },
  INGEST_ENCODING: { status: 415, message: 'The content encoding {encoding} is not accepted. Send zstd, gzip or none.' },
  INGEST_MALFORMED: { status: 400, message: 'The batch cannot be read: {reason}. Nothing of it was stored.' },
  INGEST_BATCH_TOO_LARGE: {
    status: 413,
    message: 'The batch has more than {limit} {unit}. Nothing of it was stored; send smaller batches.',
  },
  INGEST_BUSY: {
    status: 429,
    message: 'The gateway has as many batches at work as it takes. Send the batch again in {retryAfterSeconds} seconds.',
  },
  INGEST_ONE_AT_A_TIME: {
    status: 429,
    message: 'A batch of this agent is still being stored. Send batches one after the other; try again in {retryAfterSeconds} seconds.',
  },
  INGEST_LAGGING: { status: 429, message: 'Detection is {records} records behind. Send the batch again in {retryAfterSeconds} seconds.' },
  INGEST_UNAVAILABLE: { status: 503, message: 'The batch cannot be stored now: {reason} Send it again in {retryAfterSeconds} seconds.' },
  INGEST_STOPPING: { status: 503, message: 'The gateway is stopping. Send the batch again in {retryAfterSeconds} seconds.' },
  INGEST_AGENT_UNKNOWN: { status: 404, message: 'There is no such agent.' },
  INGEST_AGENT_NAME_TAKEN: {
    status: 409,
    message: 'The agency {agency} already has an agent named {name}. Choose another name, or revoke that one first.',
  },
  INGEST_DEAD_LETTER_UNKNOWN: { status: 404, message: 'There is no such dead letter.' },
} satisfies ErrorCatalogue<string>;

export const gatewayError = errorMaker(GATEWAY_ERRORS);

/** Why a record went to the dead letter. Not answered to anyone: kept with the record, with the reason in words. */
export const DEAD_LETTER_ERRORS = {
  INGEST_LINE_NOT_UTF8: { status: 400, message: 'The line of the batch is not valid UTF-8.' },
  INGEST_LINE_NOT_JSON: { status: 400, message: 'The line of the batch is not a JSON object.' },
  INGEST_RECORD_INVALID: { status: 400, message: 'The line of the batch is not a record: {field} {problem}.' },
  INGEST_PARSER_FAILED: {
    status: 400,
    message: 'The parser failed on this record: {reason}. This is a bug; the record is kept for a later version.',
  },
  EVENTS_REJECTED: { status: 400, message: 'The event store refused the event {id}: {reason}' },
} satisfies ErrorCatalogue<string>;

export const deadLetterError = errorMaker(DEAD_LETTER_ERRORS);
