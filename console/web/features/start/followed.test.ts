import { expect, it } from 'vitest';
import type { AgentStatus, AgentView } from '@vong/collector/contracts';
import { followed } from './followed.ts';

const status = (sources: AgentStatus['sources']): AgentStatus => ({
  version: '1',
  host: 'h',
  started: '',
  spool: { bytes: 0, limit: 1, records: 0, full: false },
  sources,
  counters: { read: 0, spooled: 0, sent: 0, acknowledged: 0, rejected: 0 },
});
const agent = (name: string, state: AgentView['state'], sources: AgentStatus['sources']): AgentView => ({
  id: name,
  agency: name,
  name,
  state,
  createdAt: 1,
  eventsPerSecond: 0,
  received: 1,
  deadLettered: 0,
  duplicates: 0,
  lastSequence: 0,
  status: status(sources),
});
const agencies = ['a', 'b'].map((code) => ({
  code,
  name: { vi: code, en: code },
  kind: 'unit' as const,
  parent: 'vn',
  path: ['vn', code],
}));

it('shows trouble first, then the busiest, and nothing of revoked agents', () => {
  const agents = [
    agent('a', 'live', [
      { kind: 'file', name: '/x', read: 5 },
      { kind: 'file', name: '/y', read: 9 },
    ]),
    agent('b', 'silent', [
      { kind: 'file', name: '/z', read: 1 },
      { kind: 'file', name: '/bad', read: 0, error: 'denied' },
    ]),
    agent('c', 'revoked', [{ kind: 'file', name: '/gone', read: 99 }]),
  ];
  expect(followed(agents, agencies, undefined).map(({ name }) => name)).toEqual(['/bad', '/z', '/y', '/x']);
  expect(followed(agents, agencies, 'a').map(({ name }) => name)).toEqual(['/y', '/x']);
  expect(followed(agents, agencies, 'vn')).toHaveLength(4);
});
