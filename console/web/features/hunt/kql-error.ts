/** The server's word on a query it cannot read, as something to show in the person's language at the place it is about. Pure. */
import { ApiError } from '../../client/api.ts';

export type Expected = 'condition' | 'quote' | 'field' | 'value' | 'bound' | 'joint' | 'bracket' | 'colon' | 'plain' | 'end';

export interface QueryFault {
  /** UTF-16 code units from the start of the query. */
  readonly position: number;
  readonly expected: Expected | undefined;
  /** What stands there; undefined at the end of the query. */
  readonly found: string | undefined;
}

/** How the server's sentences begin or what they hold, most particular first. */
const SENTENCES: readonly (readonly [RegExp, Expected])[] = [
  [/put a value that holds ":"/, 'colon'],
  [/^the closing quote/, 'quote'],
  [/before the next field/, 'joint'],
  [/^a field, a value/, 'condition'],
  [/^a field name/, 'field'],
  [/^a value without/, 'plain'],
  [/^a value/, 'value'],
  [/^a number/, 'bound'],
  [/or "\)"$/, 'bracket'],
  [/the end of the query/, 'end'],
];

/** Undefined when the error is about something else. */
export function queryFault(error: unknown): QueryFault | undefined {
  if (!(error instanceof ApiError) || error.code !== 'EVENTS_KQL_SYNTAX') return undefined;
  const { position, expected, found } = error.details;
  if (typeof position !== 'number' || position < 0) return undefined;
  const sentence = typeof expected === 'string' ? expected : '';
  return {
    position,
    expected: SENTENCES.find(([pattern]) => pattern.test(sentence))?.[1],
    found: typeof found === 'string' && found.startsWith('"') ? found.slice(1, -1) : undefined,
  };
}

/** The characters to underline: the word at the position, or the last one when the query ends too early. */
export function faultSpan(query: string, position: number): readonly [number, number] {
  const at = Math.min(position, query.length);
  const length = /^(?:"[^"]*"?|[^\s():]+|.)/s.exec(query.slice(at))?.[0].length ?? 0;
  if (length > 0 && query.slice(at, at + length).trim() !== '') return [at, at + length];
  const end = query.trimEnd().length;
  return [Math.max(0, end - 1), end];
}
