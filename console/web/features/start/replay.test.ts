import { describe, expect, it } from 'vitest';
import type { ReplayView } from '@vong/range/contracts';
import { mergeReplays, partOf, shortName } from './replay.ts';

const replay = (id: string, part: Partial<ReplayView> = {}): ReplayView => ({
  id,
  recording: 'a/b.zip',
  agency: 'x',
  speed: 0,
  state: 'running',
  total: 100,
  sent: 0,
  startedAt: 1,
  startedBy: 'me',
  ...part,
});

describe('the list of replays', () => {
  it('has each once, the newest first', () => {
    const list = mergeReplays([replay('a'), replay('b', { startedAt: 2 })], [replay('c', { startedAt: 3 }), replay('a', { sent: 5 })]);
    expect(list.map(({ id, sent }) => [id, sent])).toEqual([
      ['c', 0],
      ['b', 0],
      ['a', 5],
    ]);
  });

  it('never goes back when an older answer comes late', () => {
    expect(mergeReplays([replay('a', { sent: 50 })], [replay('a', { sent: 20 })])[0]?.sent).toBe(50);
    expect(mergeReplays([replay('a', { state: 'done', sent: 100 })], [replay('a', { sent: 100 })])[0]?.state).toBe('done');
  });
});

describe('progress', () => {
  it('is between nothing and everything', () => {
    expect(partOf(replay('a', { total: 0 }))).toBe(0);
    expect(partOf(replay('a', { sent: 25 }))).toBe(0.25);
    expect(partOf(replay('a', { sent: 130 }))).toBe(1);
    expect(partOf(replay('a', { state: 'done', total: 0 }))).toBe(1);
  });
});

it('a recording is named without its folders', () => {
  expect(shortName('atomic/windows/x.zip')).toBe('x.zip');
  expect(shortName('x.zip')).toBe('x.zip');
});
