import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { parseRecord } from './index.ts';
import { deeperThan } from './json.ts';
import { collected, parse } from './test/parse.ts';

describe('JSON of other services', () => {
  test('CloudTrail: keys stay under json, and who did what from where is said', () => {
    const record = {
      eventSource: 's3.amazonaws.com',
      eventName: 'GetObject',
      awsRegion: 'us-east-1',
      eventTime: '2026-11-20T00:00:01Z',
      userIdentity: { userName: 'pedro' },
      sourceIPAddress: '192.0.2.7',
      errorCode: 'AccessDenied',
    };
    const event = parse(JSON.stringify(record));
    expect(event).toMatchObject({
      '@timestamp': '2026-11-20T00:00:01.000Z',
      event: { module: 'aws', dataset: 'aws.cloudtrail', action: 'GetObject', outcome: 'failure' },
      user: { name: 'pedro' },
      source: { ip: '192.0.2.7' },
    });
    expect(event.json).toEqual(record);
  });

  test('an ECS record keeps its fields; an unknown one its message', () => {
    const ecs = parse(
      JSON.stringify({ '@timestamp': '2026-11-20T00:00:01Z', ecs: { version: '8.11' }, process: { name: 'x', pid: 'no' } }),
    );
    expect(ecs.process).toEqual({ name: 'x' });
    expect(parse('{"msg":"hello","level":"info"}')).toMatchObject({ message: 'hello', event: { module: 'json' } });
  });
});

describe('limits and hostile records', () => {
  test('10,000 levels are refused at once, in valid and in broken JSON', () => {
    for (const raw of ['{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000), '{"a":' + '['.repeat(10_000)]) {
      expect(parseRecord({ raw, format: 'auto', collected })).toMatchObject({ error: { code: 'INGEST_TOO_DEEP' } });
    }
  });

  test('brackets inside strings are not levels', () => {
    expect(deeperThan(JSON.stringify({ a: '['.repeat(500) + '\\"[' }), 2)).toBe(false);
    expect(deeperThan('{"a":[[]]}', 2)).toBe(true);
  });

  test('a record above one mebibyte of UTF-8 is refused, one below is not', () => {
    expect(parseRecord({ raw: 'ề'.repeat(400_000), format: 'auto', collected })).toMatchObject({
      error: { code: 'INGEST_EVENT_TOO_LARGE' },
    });
    expect(parseRecord({ raw: 'x'.repeat(1_000_000), format: 'auto', collected })).toHaveProperty('event');
  });

  test.each([
    '{"__proto__":{"polluted":1},"a":1}',
    '{"\\u005f_proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    '{"Event":{"System":{"EventID":1,"Channel":"c"},"EventData":{"__proto__":{"polluted":1},"x y":1}}}',
    '{"EventID":1,"Channel":"c","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    '{"winlog":{"event_id":1,"event_data":{"__proto__":{"polluted":1}}},"process":{"__proto__":{"polluted":1}}}',
    '<Event><System><EventID>1</EventID></System><EventData><Data Name="__proto__">x</Data></EventData></Event>',
    'type=A msg=audit(1.0:1): __proto__=x constructor=y',
    '<1>1 - h a - - [__proto__ __proto__="x"] m',
  ])('prototype keys reach no prototype: %s', (raw) => {
    const event = parse(raw);
    expect({}).not.toHaveProperty('polluted');
    const copy = JSON.parse(JSON.stringify(event));
    expect(JSON.stringify(copy)).not.toContain('"__proto__":');
    expect(event.event.original).toBe(raw);
  });

  test('a clock ten years ahead keeps its time and gets a tag; one ten years behind gets none', () => {
    const ahead = parse('{"timestamp":"2036-11-22T00:00:00Z"}');
    expect(ahead).toMatchObject({ '@timestamp': '2036-11-22T00:00:00.000Z', tags: ['clock_skew'] });
    expect(parse('{"timestamp":"2016-11-22T00:00:00Z"}').tags).toBeUndefined();
  });

  test('what matches no format is kept whole and marked', () => {
    expect(parse('just words')).toMatchObject({ message: 'just words', event: { module: 'unparsed' }, tags: ['unparsed'] });
    expect(parse('{"broken":').tags).toEqual(['unparsed']);
  });

  test('a record without a time of its own happened when it was collected', () => {
    expect(parse('just words')['@timestamp']).toBe(collected);
  });
});

describe('any input', () => {
  const fragment = fc.constantFrom(
    'type=EXECVE msg=audit(1.1:1): a0=', '<34>1 ', 'Nov 22 03:50:37 ', 'sshd[1]: ', '<Event><System>', '</Data>', '{"Event":{"System":{', '"EventID":1,', '1.1.1.1 - - [22/Nov/2026:03:50:37 +0000] "',
    "msg='", '="', '\\', '"', '[', ']', '\u001d', ' from ', 'a0[0]=41 ', '&#x110000;', '<![CDATA[', '__proto__', '2026-11-22T03:50:37Z ',
  ); // prettier-ignore
  const noise = fc
    .array(fc.oneof({ weight: 3, arbitrary: fragment }, fc.string({ unit: 'binary' })), { maxLength: 30 })
    .map((parts) => parts.join(''));
  const object = fc
    .record(
      {
        EventID: fc.jsonValue(), Channel: fc.jsonValue(), Hostname: fc.jsonValue(), EventData: fc.jsonValue(), winlog: fc.jsonValue(), event: fc.jsonValue(),
        Event: fc.record({ System: fc.jsonValue(), EventData: fc.jsonValue(), UserData: fc.jsonValue() }), MESSAGE: fc.jsonValue(),
        __REALTIME_TIMESTAMP: fc.jsonValue(), SyslogMessage: noise, host: fc.jsonValue(), user: fc.jsonValue(), '@timestamp': fc.jsonValue(),
        event_id: fc.jsonValue(), log_name: fc.jsonValue(), event_data: fc.jsonValue(), eventTime: fc.jsonValue(), Hashes: noise, UtcTime: noise,
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value)); // prettier-ignore

  test('never throws, keeps the record, always has a valid time and survives JSON', () => {
    fc.assert(
      fc.property(fc.oneof(noise, object), (raw) => {
        const outcome = parseRecord({ raw, format: 'auto', collected });
        if ('error' in outcome) return;
        expect(outcome.event.event.original).toBe(raw);
        expect(outcome.event['@timestamp']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        const { host, user } = JSON.parse(JSON.stringify(outcome.event));
        expect(['undefined', 'string']).toContain(typeof host?.name);
        expect(['undefined', 'string']).toContain(typeof user?.name);
      }),
      { numRuns: 3_000, interruptAfterTimeLimit: 4_000 },
    );
  });

  test.each([
    'type=A msg=audit(1.0:1): ',
    '<1>1 - - - - - [',
    '<Event><System>',
    '{"a":"',
    '1.1.1.1 - - [',
    'Nov 22 03:50:37 h sshd[1]: Failed for ',
  ])('a megabyte of anything after %j takes linear time', (start) => {
    for (const filler of ['a=', '"', ' from ', '<a ', "'", '[x="', '\\"', ' ', '&', '\u001da=b']) {
      const raw = (start + filler.repeat(1_000_000)).slice(0, 1_000_000);
      // The best of three: a busy machine makes one slow, a quadratic parser all.
      const took = [1, 2, 3].map(() => {
        const before = performance.now();
        parseRecord({ raw, format: 'auto', collected });
        return performance.now() - before;
      });
      expect(Math.min(...took)).toBeLessThan(4_000);
    }
  });
});
