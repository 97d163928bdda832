import { assert, dictionary, property, string, jsonValue } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEvent } from './read-event.ts';

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe('reading an event with its raw text cut out', () => {
  it('gives what JSON.parse gives, whatever stands in the raw text and beside it', () => {
    const nested = '","module":"x"}},{"@timestamp":"';
    assert(
      property(string(), dictionary(string(), jsonValue()), string(), (original, json, module) => {
        for (const raw of [original, nested + original, JSON.stringify({ event: { original, module } }), `\\${original}\\`]) {
          const event = { '@timestamp': '2026-11-22T00:00:00.000Z', event: { kind: 'event', original: raw, module }, json };
          expect(JSON.stringify(readEvent(encode(event)))).toBe(JSON.stringify(JSON.parse(JSON.stringify(event))));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('does so for events in another order, too', () => {
    const events = [
      { json: { event: { kind: 'event', original: 'x', module: 'y' } }, event: { kind: 'event', original: 'raw', module: 'json' } },
      { '@timestamp': '2026-11-22T00:00:00.000Z', event: { kind: 'event', module: 'm', original: 'raw' } },
      { '@timestamp': '2026-11-22T00:00:00Z', event: { kind: 'event', original: 'raw', module: 'm' } },
    ];
    for (const event of events) expect(JSON.stringify(readEvent(encode(event)))).toBe(JSON.stringify(event));
  });

  it('says undefined of what is no JSON', () => {
    expect(readEvent(new TextEncoder().encode('{"@timestamp":'))).toBeUndefined();
  });
});
