/** Why a record can be a dead letter. */
export const CAUSES = [
  'INGEST_LINE_NOT_UTF8',
  'INGEST_LINE_NOT_JSON',
  'INGEST_RECORD_INVALID',
  'INGEST_EVENT_TOO_LARGE',
  'INGEST_TOO_DEEP',
  'INGEST_PARSER_FAILED',
  'EVENTS_REJECTED',
] as const;

/** The cause with a code; undefined for one this page has no words for. */
export function causeOf(code: string): (typeof CAUSES)[number] | undefined {
  return CAUSES.find((cause) => cause === code);
}
