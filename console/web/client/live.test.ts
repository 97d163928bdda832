// oxlint-disable typescript/no-unsafe-type-assertion -- the double hands on what the test gave it
import { describe, expect, it, vi } from 'vitest';
import type { Change } from '@vong/platform/live';
import { createLiveClient, type LiveSocket } from './live.ts';

type Listener = (...values: unknown[]) => void;

function setup(kept: string | null = null) {
  const listeners = new Map<string, Listener>();
  const sent: [string, unknown][] = [];
  let time = 1000;
  let stored = kept;
  const socket: LiveSocket = {
    on: (event, listener) => listeners.set(event, listener as Listener),
    emit: (event, value) => sent.push([event, value]),
    close: () => undefined,
  };
  const client = createLiveClient({ socket, cursor: { get: () => stored, set: (cursor) => (stored = cursor) }, now: () => time });
  const receive = (event: string, ...values: unknown[]): void => listeners.get(event)?.(...values);
  return { client, sent, receive, stored: () => stored, wait: (ms: number) => (time += ms) };
}

const change = (sequence: number, kind: Change['kind'] = 'alert'): Change => ({
  sequence,
  kind,
  agency: 'vn',
  key: `k${sequence}`,
  body: {},
  at: 0,
});

describe('the live client', () => {
  it('asks from now at first, and from where it was after a reload', () => {
    const first = setup();
    first.receive('connect');
    expect(first.sent).toEqual([['follow', { cursor: null }]]);
    const again = setup('41');
    again.receive('connect');
    expect(again.sent).toEqual([['follow', { cursor: 41 }]]);
  });

  it('hands every change on once, in order, by kind, and acknowledges each page', () => {
    const { client, receive, stored } = setup('10');
    const alerts = vi.fn<(changes: readonly Change[]) => void>();
    const acknowledge = vi.fn<() => void>();
    client.onChanges('alert', alerts);
    receive('connect');
    receive('changes', [change(11), change(12, 'agent'), change(13)], acknowledge);
    receive('changes', [change(12, 'agent'), change(13), change(14)], acknowledge);
    expect(alerts.mock.calls.map(([batch]) => batch.map(({ sequence }) => sequence))).toEqual([[11, 13], [14]]);
    expect(acknowledge).toHaveBeenCalledTimes(2);
    expect(stored()).toBe('14');
  });

  it('says live, catching up with how many, offline since when; and asks for what it missed', () => {
    const { client, sent, receive, wait } = setup('10');
    receive('connect');
    receive('changes', [change(11), change(12)]);
    expect(client.state()).toEqual({ word: 'catching-up', received: 2 });
    receive('caught-up', { cursor: 12 });
    expect(client.state()).toEqual({ word: 'live' });
    wait(5);
    receive('disconnect');
    receive('disconnect');
    expect(client.state()).toEqual({ word: 'offline', since: 1005 });
    receive('connect');
    expect(sent.at(-1)).toEqual(['follow', { cursor: 12 }]);
  });

  it('has everything read again when the server cannot say what was missed', () => {
    const { client, receive, stored } = setup('10');
    const resync = vi.fn<() => void>();
    client.onResync(resync);
    receive('connect');
    receive('resync', { cursor: 9000 });
    expect(resync).toHaveBeenCalledTimes(1);
    expect(stored()).toBe('9000');
    receive('caught-up', { cursor: 9000 });
    expect(resync).toHaveBeenCalledTimes(1);
  });

  it('reads again once when it began from now: something may have changed between reading and following', () => {
    const { client, receive } = setup();
    const resync = vi.fn<() => void>();
    client.onResync(resync);
    receive('connect');
    receive('caught-up', { cursor: 7 });
    receive('disconnect');
    receive('connect');
    receive('caught-up', { cursor: 7 });
    expect(resync).toHaveBeenCalledTimes(1);
  });

  it('reports each shown alert once, at most 500 in a message, within the budget of messages', async () => {
    const { client, sent } = setup('1');
    vi.useFakeTimers();
    try {
      client.shown(Array.from({ length: 700 }, (_, n) => `a${n}`));
      client.shown(['a1', 'a2']);
      await vi.advanceTimersByTimeAsync(1000);
      const messages = sent.filter(([event]) => event === 'shown').map(([, value]) => (value as { ids: string[] }).ids.length);
      expect(messages).toEqual([500, 200]);
      for (let n = 0; n < 200; n += 1) {
        client.shown([`b${n}`]);
        await vi.advanceTimersByTimeAsync(10);
      }
      expect(sent.length).toBeLessThan(2 + 2000 / 200);
    } finally {
      vi.useRealTimers();
    }
  });

  it('ignores a kept cursor that is not a number', () => {
    const { sent, receive } = setup('abc');
    receive('connect');
    expect(sent).toEqual([['follow', { cursor: null }]]);
  });
});
