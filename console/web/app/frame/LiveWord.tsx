import type { ReactNode } from 'react';
import { useLiveState } from '../../client/live-react.ts';
import { formatClock, formatTime } from '../../ui/format.ts';
import { useNow } from '../../ui/now.ts';
import { StateMark } from '../../ui/StateMark.tsx';
import { useWords } from '../words.ts';

const DAY_MS = 86_400_000;

/** live · catching up 1,240 · offline since 14:03 */
export function LiveWord(): ReactNode {
  const t = useWords();
  const state = useLiveState();
  const now = useNow();
  if (state.word === 'live') return <StateMark tone="ok">{t('live.live')}</StateMark>;
  if (state.word === 'catching-up') return <StateMark tone="waiting">{t('live.catching', { count: state.received })}</StateMark>;
  const since = now - state.since > DAY_MS ? formatTime(state.since, 'minutes') : formatClock(state.since, 'minutes');
  return <StateMark tone="failed">{t('live.offline', { time: since })}</StateMark>;
}

export function Clock(): ReactNode {
  const t = useWords();
  const now = useNow();
  return (
    <time className="mono" title={t('clock')} dateTime={new Date(now).toISOString()}>
      {formatTime(now)}
    </time>
  );
}
