import { assert, constantFrom, dictionary, jsonValue, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEvent } from './read-event.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const AT = '2026-11-22T00:00:00.000Z';
const about = {
  kind: 'event',
  original: 'raw "text"',
  module: 'json',
  created: '2026-11-22T00:00:01.000Z',
  ingested: '2026-11-22T00:00:02.000Z',
};

/** What `readEvent` must give, by plain means. */
function plainly(event: {
  '@timestamp'?: unknown;
  event: { created?: unknown; ingested?: unknown };
  organization: { id: string };
}): unknown {
  const date = (value: unknown): number => (typeof value === 'string' ? Date.parse(value) : Number.NaN);
  const received = date(event.event.ingested);
  const or = (value: number): number => (Number.isNaN(value) ? received : value);
  return {
    agency: event.organization.id,
    times: { received, collected: or(date(event.event.created)), happened: or(date(event['@timestamp'])) },
    event: JSON.parse(JSON.stringify(event)) as unknown,
  };
}

describe('reading an event from the log', () => {
  it('gives what JSON.parse gives, whatever the event holds', () => {
    const time = oneof(constantFrom<unknown>(AT, '', 'yesterday', 5, null, undefined, [AT]), string());
    assert(
      property(string(), dictionary(string(), jsonValue()), time, (original, json, at) => {
        const event = { '@timestamp': at, event: { ...about, original, created: at }, organization: { id: original }, json };
        const read = readEvent(encode(JSON.stringify(event)));
        expect({ agency: read?.agency, times: read?.times, event: read?.event }).toEqual(plainly(event));
      }),
      { numRuns: 500 },
    );
  });

  it('reads one that is written in an unusual way, too', () => {
    const event = `{"@timestamp":"${AT}","@timestamp":"${AT}","event":${JSON.stringify(about)},"organization":{"id":"bo-a","id":"bo-b"}}`;
    expect(readEvent(encode(event))).toMatchObject({ agency: 'bo-b', times: { received: Date.parse(about.ingested) } });
  });

  it.each(['{"@timestamp":', '[]', '1', '{}', '{"organization":{"id":"a"}}', '{"event":{},"organization":{"id":5}}', ''])(
    'says undefined of %j, which is no event',
    (text) => {
      expect(readEvent(encode(text))).toBeUndefined();
    },
  );
});
