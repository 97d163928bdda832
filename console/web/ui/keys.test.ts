import { describe, expect, it, vi } from 'vitest';
import { createKeyboard } from './keys.ts';

function setup() {
  let time = 0;
  const keyboard = createKeyboard(() => time);
  const run = vi.fn<(what: string) => void>();
  const binding = (keys: string, what = keys) => ({ keys, label: what, run: () => run(what) });
  return { keyboard, run, binding, wait: (ms: number) => (time += ms) };
}

describe('the keyboard', () => {
  it('runs single keys and pairs', () => {
    const { keyboard, run, binding } = setup();
    keyboard.bind([binding('j'), binding('g q'), binding('g h')]);
    expect(keyboard.press('j')).toBe(true);
    keyboard.press('g');
    keyboard.press('h');
    expect(run.mock.calls).toEqual([['j'], ['g h']]);
  });

  it('forgets the first key of a pair after a second', () => {
    const { keyboard, run, binding, wait } = setup();
    keyboard.bind([binding('g q'), binding('q')]);
    keyboard.press('g');
    wait(1001);
    keyboard.press('q');
    expect(run.mock.calls).toEqual([['q']]);
  });

  it('prefers what was bound last, and falls back when that is gone', () => {
    const { keyboard, run, binding } = setup();
    keyboard.bind([binding('e', 'page')]);
    const unbind = keyboard.bind([binding('e', 'pane')]);
    keyboard.press('e');
    unbind();
    keyboard.press('e');
    expect(run.mock.calls).toEqual([['pane'], ['page']]);
  });

  it('lists every key once, and leaves unknown keys to the browser', () => {
    const { keyboard, binding } = setup();
    keyboard.bind([binding('e', 'page'), binding('j')]);
    keyboard.bind([binding('e', 'pane')]);
    expect(keyboard.bound().map(({ keys, label }) => [keys, label])).toEqual([
      ['e', 'pane'],
      ['j', 'j'],
    ]);
    expect(keyboard.press('F5')).toBe(false);
  });
});
