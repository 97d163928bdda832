import { describe, expect, it } from 'vitest';
import type { AgentView, DeadLetterView } from '@vong/collector/contracts';
import { agentsSearch, letterState, lettersSearch, listed, standingOf, withChanges } from './view.ts';

const agent = (id: string, part: Partial<AgentView> = {}): AgentView => ({
  id,
  agency: 'da-nang',
  name: id,
  state: 'live',
  createdAt: 1,
  eventsPerSecond: 0,
  received: 0,
  deadLettered: 0,
  duplicates: 0,
  lastSequence: -1,
  ...part,
});
const full: Partial<AgentView> = {
  status: {
    version: '1',
    host: 'h',
    started: '',
    counters: { read: 0, spooled: 0, sent: 0, acknowledged: 0, rejected: 0 },
    spool: { bytes: 9, limit: 9, records: 1, full: true },
    sources: [],
  },
};
const agencies = [
  { code: 'vn', name: { vi: 'Việt Nam', en: 'Viet Nam' }, kind: 'nation' as const, parent: null, path: ['vn'] },
  { code: 'da-nang', name: { vi: 'Đà Nẵng', en: 'Da Nang' }, kind: 'province' as const, parent: 'vn', path: ['vn', 'da-nang'] },
];

describe('the URLs of the sources', () => {
  it('keep what is valid and drop the rest', () => {
    expect(agentsSearch({ q: 'x', revoked: 'yes', agent: 'a', z: 1 })).toEqual({ q: 'x', revoked: 'yes', agent: 'a' });
    expect(agentsSearch({ revoked: 'no', agent: 'a'.repeat(65) })).toEqual({});
    expect(lettersSearch({ form: 'hex', letter: 'l', agent: 3 })).toEqual({ form: 'hex', letter: 'l', agent: '3' });
    expect(lettersSearch({ form: 'pdf' })).toEqual({});
  });
});

describe('the list of agents', () => {
  const agents = [
    agent('b'),
    agent('c', { state: 'silent' }),
    agent('d', full),
    agent('a', { agency: 'vn' }),
    agent('e', { state: 'revoked' }),
  ];
  const ids = (view: Parameters<typeof listed>[1]): string =>
    listed(agents, view, agencies)
      .map(({ id }) => id)
      .join('');

  it('has trouble first and leaves out the revoked unless asked', () => {
    expect(ids({})).toBe('dcba');
    expect(ids({ revoked: 'yes' })).toBe('dcbae');
  });

  it('finds by name and agency, with or without marks, at and below an agency', () => {
    expect(ids({ q: 'đà nẵng' })).toBe('dcb');
    expect(ids({ q: 'DA NANG' })).toBe('dcb');
    expect(ids({ agency: 'da-nang' })).toBe('dcb');
    expect(ids({ agency: 'vn' })).toBe('dcba');
  });

  it('says a full spool before anything else, but not of a revoked agent', () => {
    expect(standingOf(agent('a', full))).toBe('full');
    expect(standingOf(agent('a', { ...full, state: 'revoked' }))).toBe('revoked');
  });

  it('takes in what changed and what is new', () => {
    const next = withChanges([agent('a', { eventsPerSecond: 7 })], [agent('a', { received: 5 }), agent('z')]);
    expect(next.map(({ id, received, eventsPerSecond }) => [id, received, eventsPerSecond])).toEqual([
      ['a', 5, 7],
      ['z', 0, 0],
    ]);
  });
});

it('a dead letter waits, fails again or is done', () => {
  const letter: DeadLetterView = { id: 'l', agency: 'a', agent: 'x', code: 'C', reason: 'r', at: 1, bytes: 1, preview: '' };
  expect(letterState(letter)).toBe('waiting');
  expect(letterState({ ...letter, replayError: 'again' })).toBe('again');
  expect(letterState({ ...letter, replayedAt: 2 })).toBe('replayed');
});
