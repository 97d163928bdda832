import { type ErrorCatalogue, errorMaker } from '@vong/platform/errors';

/** Limits a record may break. The record then goes to the dead letter with the code and the sentence; the rest of its batch is stored. */
export const PARSER_ERRORS = {
  INGEST_TOO_DEEP: { status: 400, message: 'The record is nested more than {limit} levels deep.' },
  INGEST_EVENT_TOO_LARGE: { status: 413, message: 'The record has more than {limit} bytes.' },
} satisfies ErrorCatalogue<string>;

export const parserError = errorMaker(PARSER_ERRORS);
