/**
 * The keyboard. `useKeys` binds single keys (`j`), pairs (`g q`) and chords (`Ctrl+k`) while a component is shown; bindings made later
 * win. Nothing fires while a person types, or while a menu or dialog is open. `?` lists what is bound now.
 */
import { useEffect, useRef } from 'react';

export interface KeyBinding {
  readonly keys: string;
  /** What it does, for the list of keys. */
  readonly label: string;
  readonly run: () => void;
}

const PAIR_MS = 1000;

export function createKeyboard(now: () => number): {
  bind: (bindings: readonly KeyBinding[]) => () => void;
  press: (key: string) => boolean;
  bound: () => readonly KeyBinding[];
} {
  const layers: (readonly KeyBinding[])[] = [];
  let first: { key: string; at: number } | undefined;
  const find = (keys: string): KeyBinding | undefined =>
    layers
      .toReversed()
      .flat()
      .find((binding) => binding.keys === keys);
  return {
    bind: (bindings) => {
      layers.push(bindings);
      return () => {
        const at = layers.indexOf(bindings);
        if (at >= 0) layers.splice(at, 1);
      };
    },
    press: (key) => {
      const pair = first && now() - first.at < PAIR_MS ? find(`${first.key} ${key}`) : undefined;
      first = undefined;
      const found = pair ?? find(key);
      if (found) found.run();
      else if (layers.flat().some((binding) => binding.keys.startsWith(`${key} `))) first = { key, at: now() };
      return found !== undefined;
    },
    bound: () => {
      const byKeys = new Map<string, KeyBinding>();
      for (const binding of layers.flat()) byKeys.set(binding.keys, binding);
      return [...byKeys.values()];
    },
  };
}

export const keyboard = createKeyboard(() => performance.now());

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) && !isTick(target);
}

/** Checkboxes take no text: keys keep working after a click on one. */
function isTick(target: HTMLElement): boolean {
  return target instanceof HTMLInputElement && (target.type === 'checkbox' || target.type === 'radio');
}

function keyOf(event: KeyboardEvent): string | undefined {
  if (event.ctrlKey || event.metaKey) return event.altKey ? undefined : `Ctrl+${event.key.toLowerCase()}`;
  return event.altKey ? undefined : event.key;
}

/** A menu, list or dialog is open. A closed one may stay in the document, unseen. */
function isCovered(): boolean {
  return [...document.querySelectorAll('[role="dialog"],[role="menu"],[role="listbox"]')].some((overlay) => overlay.checkVisibility());
}

/** Whether something covered the page when the key went down: a menu that closes on Escape is gone before the page hears of the key. */
let covered = false;

function onKeyFirst(): void {
  covered = isCovered();
}

function onKey(event: KeyboardEvent): void {
  const key = keyOf(event);
  if (key === undefined || event.isComposing || event.defaultPrevented) return;
  const chord = key.startsWith('Ctrl+');
  if (!chord && (isTyping(event.target) || covered)) return;
  // Enter and Space on a focused button or link are that button's.
  if ((key === 'Enter' || key === ' ') && event.target instanceof HTMLElement && event.target.closest('button,a')) return;
  if (keyboard.press(key)) event.preventDefault();
}

/** Listens on the document. Returns the way to stop. */
export function listenToKeyboard(): () => void {
  window.addEventListener('keydown', onKeyFirst, { capture: true });
  document.addEventListener('keydown', onKey);
  return () => {
    window.removeEventListener('keydown', onKeyFirst, { capture: true });
    document.removeEventListener('keydown', onKey);
  };
}

/** Binds keys while the component is shown and `active`. The bindings may change on every render. */
export function useKeys(bindings: readonly KeyBinding[], active = true): void {
  const latest = useRef(bindings);
  useEffect(() => {
    latest.current = bindings;
  });
  const shape = bindings.map((binding) => `${binding.keys}\t${binding.label}`).join('\n');
  useEffect(() => {
    if (!active) return undefined;
    const stable = latest.current.map((binding, at) => ({ ...binding, run: () => latest.current[at]?.run() }));
    return keyboard.bind(stable);
  }, [active, shape]);
}
