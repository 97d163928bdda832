import { describe, expect, it } from 'vitest';
import type { EcsEvent } from '@vong/platform/events';
import { fieldsOf, listFields, kindOf, summaryOf, valuesOf } from './event-fields.ts';

const event: EcsEvent = {
  '@timestamp': '2026-11-22T07:00:00.000Z',
  event: { id: 'e1', kind: 'event', original: 'raw\ntext', module: 'sysmon', created: '', ingested: '', code: '22' },
  organization: { id: 'da-nang' },
  agent: { id: 'a', name: 'n', type: 't' },
  host: { name: 'ws-17', ip: ['10.0.0.1', '10.0.0.2'] },
  dns: { answers: [{ data: '1.1.1.1' }, { data: '8.8.8.8' }] },
  winlog: { event_id: 22, event_data: { 'a.b': 'x', list: [] } },
};

describe('fields of an event', () => {
  it('have dotted names and every value of a list', () => {
    expect(valuesOf(event, 'host.ip')).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(valuesOf(event, 'dns.answers.data')).toEqual(['1.1.1.1', '8.8.8.8']);
    expect(valuesOf(event, 'winlog.event_id')).toEqual(['22']);
    expect(valuesOf(event, 'winlog.event_data.a.b')).toEqual(['x']);
  });

  it('are listed by name, without the raw record', () => {
    const names = listFields(event).map(([name]) => name);
    expect(names).toContain('winlog.event_data.a.b');
    expect(names).not.toContain('event.original');
    expect(names).toEqual(names.toSorted());
  });

  it('leave out what has no value', () => {
    expect(fieldsOf(event).has('event.created')).toBe(false);
    expect(fieldsOf(event).has('winlog.event_data.list')).toBe(false);
  });

  it('end at a depth no real event has', () => {
    let deep: unknown = 'x';
    for (let n = 0; n < 500; n += 1) deep = { a: deep };
    expect(fieldsOf({ ...event, json: { deep } }).size).toBe(fieldsOf(event).size);
  });
});

describe('one line of an event', () => {
  it('is the most telling field, on one line and of bounded length', () => {
    expect(summaryOf(event)).toBe('a.b=x');
    const { winlog: _winlog, ...bare } = event;
    expect(summaryOf(bare)).toBe('raw text');
    expect(summaryOf({ ...event, process: { command_line: 'a\n'.repeat(900) } }).length).toBeLessThanOrEqual(400);
    expect(summaryOf({ ...event, url: { original: '/x' }, http: { request: { method: 'GET' }, response: { status_code: 404 } } })).toBe(
      'GET /x → 404',
    );
    expect(summaryOf({ ...event, dns: { question: { name: 'evil.example' } } })).toBe('DNS evil.example');
  });

  it('names its kind shortly', () => {
    expect(kindOf(event)).toBe('sysmon 22');
  });
});
