/** Values as the whole console writes them. */
import { useState, type ReactNode } from 'react';
import { useLanguage } from '../i18n/words.ts';
import { formatBytes, formatClock, formatDuration, formatNumber, formatRelative, formatTime } from './format.ts';
import { now } from './now.ts';

/** An absolute time (Asia/Ho_Chi_Minh), relative on hover. `show` leaves out the day or adds milliseconds. */
export function TimeText({ at, show = 'full' }: { at: number; show?: 'full' | 'clock' | 'precise' }): ReactNode {
  const language = useLanguage();
  const [title, setTitle] = useState<string>();
  if (!Number.isFinite(at)) return <span className="dim">–</span>;
  const text = show === 'clock' ? formatClock(at) : formatTime(at, show === 'precise' ? 'milliseconds' : 'seconds');
  const hover = (): void => setTitle(`${formatTime(at)} · ${formatRelative(at, now(), language)}`);
  return (
    <time className="mono" dateTime={new Date(at).toISOString()} title={title} onPointerEnter={hover} onFocus={hover}>
      {text}
    </time>
  );
}

/** A length of time in milliseconds: `4 m 12 s`. */
export function Duration({ ms }: { ms: number }): ReactNode {
  return <span>{formatDuration(ms, useLanguage())}</span>;
}

export function Num({ value }: { value: number }): ReactNode {
  return <span>{formatNumber(value, useLanguage())}</span>;
}

export function Bytes({ value }: { value: number }): ReactNode {
  return <span>{formatBytes(value, useLanguage())}</span>;
}
