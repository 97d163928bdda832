import { describe, expect, it } from 'vitest';
import type { AgentView } from '@vong/collector/contracts';
import { arrivalOf, furthest, isAgencyCode, isAgentName, suggestCode } from './enrol.ts';

const agent: AgentView = {
  id: 'a',
  agency: 'x',
  name: 'web-01',
  state: 'new',
  createdAt: 1,
  eventsPerSecond: 0,
  received: 0,
  deadLettered: 0,
  duplicates: 0,
  lastSequence: -1,
};

describe('names', () => {
  it('of agents are machine names', () => {
    expect(['web-01', 'DC02.local', '1'].map(isAgentName)).toEqual([true, true, true]);
    expect(['', '-a', 'máy', 'a b', 'a'.repeat(65), 'a;rm'].map(isAgentName)).toEqual(Array(6).fill(false));
  });

  it('of agencies make codes the server takes', () => {
    expect(suggestCode('Sở Y tế Đà Nẵng')).toBe('so-y-te-da-nang');
    expect(suggestCode('  — ')).toBe('');
    expect(isAgencyCode(suggestCode('Ủy ban nhân dân '.repeat(9)))).toBe(true);
  });
});

describe('a new agent', () => {
  it('is waited for until its first batch', () => {
    expect(arrivalOf(agent)).toBe('waiting');
    expect(arrivalOf({ ...agent, state: 'live', lastSeenAt: 5 })).toBe('greeted');
    expect(arrivalOf({ ...agent, state: 'live', lastSeenAt: 5, received: 3, lastSequence: 0 })).toBe('arrived');
    expect(arrivalOf({ ...agent, state: 'revoked', received: 3 })).toBe('revoked');
  });

  it('never falls back when an older list comes late', () => {
    const later: AgentView = { ...agent, state: 'live', received: 9, lastSeenAt: 50 };
    expect(furthest(later, agent)).toBe(later);
    expect(furthest(agent, later)).toBe(later);
    expect(furthest(later, { ...agent, state: 'revoked' }).state).toBe('revoked');
  });
});
