import { describe, expect, it, vi } from 'vitest';
import { createToasts, UNDO_MS } from './toasts.ts';

function setup() {
  let time = 0;
  return { board: createToasts(() => time), wait: (ms: number) => (time += ms) };
}

describe('undo', () => {
  it('is offered for ten seconds, newest first, each once', () => {
    const { board, wait } = setup();
    const [first, second] = [vi.fn<() => void>(), vi.fn<() => void>()];
    board.done('a', first);
    wait(1000);
    board.done('b', second);
    expect(board.undoLast()).toBe(true);
    expect(board.undoLast()).toBe(true);
    expect(board.undoLast()).toBe(false);
    expect([second.mock.calls.length, first.mock.calls.length]).toEqual([1, 1]);
  });

  it('is gone after its time', () => {
    const { board, wait } = setup();
    const undo = vi.fn<() => void>();
    board.done('a', undo);
    wait(UNDO_MS);
    board.expire();
    expect(board.list()).toEqual([]);
    expect(board.undoLast()).toBe(false);
    expect(undo).not.toHaveBeenCalled();
  });

  it('keeps a failure about which something can be done longer than one that only tells', () => {
    const { board, wait } = setup();
    const run = vi.fn<() => void>();
    board.failed('told');
    board.failed('to be decided', { label: 'Again', run });
    wait(20_000);
    board.expire();
    expect(board.list().map(({ text }) => text)).toEqual(['to be decided']);
    expect(board.undoLast()).toBe(false);
    board.list()[0]?.offer?.run();
    expect(run).toHaveBeenCalledOnce();
  });

  it('keeps at most four messages on the screen', () => {
    const { board } = setup();
    for (let n = 0; n < 9; n += 1) board.failed(String(n));
    expect(board.list().map(({ text }) => text)).toEqual(['5', '6', '7', '8']);
  });
});
