import { describe, expect, it } from 'vitest';
import { sections } from './field-sections.ts';

const fields = ['winlog.channel', 'event.original', 'agent.id', 'user.name', 'host.name'].map(
  (name) => ({ name, type: 'keyword', count: 1 }) as const,
);

describe('the list of fields', () => {
  it('puts what hunts begin with first, in its own order, and the rest by name', () => {
    const { common, all } = sections(fields, '');
    expect(common.map(({ name }) => name)).toEqual(['host.name', 'user.name']);
    expect(all.map(({ name }) => name)).toEqual(['agent.id', 'winlog.channel']);
  });

  it('keeps what holds the typed text anywhere', () => {
    expect(sections(fields, ' NAME ').common).toHaveLength(2);
    expect(sections(fields, 'zzz')).toEqual({ common: [], all: [] });
  });
});
