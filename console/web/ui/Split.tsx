import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import css from './blocks.module.css';
import { useWords } from './words/index.ts';

interface SplitProps {
  /** Under this name the width is remembered on this machine. */
  name: string;
  left: ReactNode;
  /** Absent: the left side has all the room. */
  right?: ReactNode;
  initial?: number;
}

const MIN_RIGHT = 380;
const MIN_LEFT = 360;
const STEP = 24;

function remembered(name: string, initial: number): number {
  const kept = Number(localStorage.getItem(`vong.split.${name}`));
  return Number.isFinite(kept) && kept >= MIN_RIGHT ? kept : initial;
}

/** A list on the left and what is read on the right; the bar between moves by pointer and by arrow keys. */
export function Split({ name, left, right, initial = 560 }: SplitProps): ReactNode {
  const t = useWords();
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(() => remembered(name, initial));
  const resize = (wanted: number): void => {
    const room = frame.current?.clientWidth ?? wanted + MIN_LEFT;
    const next = Math.round(Math.max(MIN_RIGHT, Math.min(wanted, room - MIN_LEFT)));
    setWidth(next);
    localStorage.setItem(`vong.split.${name}`, String(next));
  };
  const onMove = (event: PointerEvent<HTMLDivElement>): void => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId) || !frame.current) return;
    resize(frame.current.getBoundingClientRect().right - event.clientX);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowLeft') resize(width + STEP);
    if (event.key === 'ArrowRight') resize(width - STEP);
  };
  return (
    <div className={css.split} ref={frame}>
      <div className={css.left}>{left}</div>
      {right !== undefined && (
        <>
          <div
            className={css.bar}
            role="separator"
            tabIndex={0}
            aria-orientation="vertical"
            aria-label={t('split.resize')}
            aria-valuenow={width}
            onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={onMove}
            onKeyDown={onKey}
          />
          <div className={css.right} style={{ width: `min(${width}px, calc(100% - ${MIN_LEFT}px))` }}>
            {right}
          </div>
        </>
      )}
    </div>
  );
}
