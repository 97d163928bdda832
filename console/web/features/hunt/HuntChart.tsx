import { useEffect, useState, type ReactNode } from 'react';
import { ActionIcon, Button } from '@mantine/core';
import { IconChartBar, IconChartBarOff, IconTable, IconZoomOut } from '@tabler/icons-react';
import type { Histogram } from '@vong/platform/events';
import { useView } from '../../client/view.ts';
import { useLanguage } from '../../i18n/words.ts';
import { formatDuration, formatNumber, formatTime } from '../../ui/format.ts';
import { now } from '../../ui/now.ts';
import { TimeHistogram } from '../../ui/TimeHistogram.tsx';
import css from './hunt.module.css';
import type { Hunt } from './useHunt.ts';
import { widened, type HuntView } from './view.ts';
import { useWords } from './words.ts';

const SHOWN_KEY = 'vong.hunt.chart';
const SHOWS = ['bars', 'table', 'none'] as const;
type Show = (typeof SHOWS)[number];

/** How many events there are, and when; a drag narrows the time. */
export function HuntChart({ hunt }: { hunt: Hunt }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const [view, change] = useView<HuntView>();
  const [show, setShow] = useState<Show>(() => SHOWS.find((one) => one === localStorage.getItem(SHOWN_KEY)) ?? 'bars');
  const { histogram, span } = hunt;
  const choose = (next: Show): void => {
    setShow(next);
    localStorage.setItem(SHOWN_KEY, next);
  };
  const zoom = (from: number, to: number): void => change({ from, to: Math.max(to, from + 1), range: undefined, event: undefined });
  const { from, to } = span;
  const empty = histogram === undefined || histogram.total === 0;
  return (
    <section className={`${css.chart} ${hunt.old ? css.old : ''}`} aria-label={t('chart.label')}>
      <div className={css.caption}>
        {histogram && <b>{t('chart.hits', { count: histogram.total })}</b>}
        {hunt.tookMs !== undefined && !hunt.busy && (
          <span className="dim" title={t('chart.took.title', { time: formatDuration(hunt.tookMs, language) })}>
            {t('chart.took', { time: formatDuration(hunt.tookMs, language) })}
          </span>
        )}
        {histogram && !empty && show !== 'none' && (
          <span className="dim">{t('chart.step', { time: formatDuration(histogram.intervalMs, language) })}</span>
        )}
        <Waiting hunt={hunt} />
        <span className={css.grow} />
        {from !== undefined && to !== undefined && (
          <Tool label={t('chart.wider')} onClick={() => change({ ...widened({ from, to }, now()), range: undefined })} icon={IconZoomOut} />
        )}
        <Tool
          label={t(show === 'table' ? 'chart.bars' : 'chart.table')}
          onClick={() => choose(show === 'table' ? 'bars' : 'table')}
          icon={show === 'table' ? IconChartBar : IconTable}
        />
        <Tool
          label={t(show === 'none' ? 'chart.show' : 'chart.hide')}
          onClick={() => choose(show === 'none' ? 'bars' : 'none')}
          icon={show === 'none' ? IconChartBar : IconChartBarOff}
        />
      </div>
      {histogram === undefined && hunt.busy && show !== 'none' && <div className={css.room} />}
      {histogram && !empty && show === 'bars' && (
        <TimeHistogram
          label={t('chart.label')}
          buckets={histogram.buckets}
          intervalMs={histogram.intervalMs}
          from={view.range === 'all' ? undefined : from}
          to={view.range === 'all' ? undefined : to}
          onRange={zoom}
        />
      )}
      {histogram && !empty && show === 'table' && <Counts histogram={histogram} onRange={zoom} />}
    </section>
  );
}

interface ToolProps {
  label: string;
  icon: typeof IconTable;
  onClick: () => void;
}

function Tool({ label, icon: Icon, onClick }: ToolProps): ReactNode {
  return (
    <ActionIcon size={22} onClick={onClick} aria-label={label} title={label}>
      <Icon size={16} />
    </ActionIcon>
  );
}

const COUNT_AFTER_MS = 2000;

/** After two seconds: how long it has been searching, and the way to stop it. The answer before stays on the screen meanwhile. */
function Waiting({ hunt }: { hunt: Hunt }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const [waited, setWaited] = useState(0);
  useEffect(() => {
    if (!hunt.busy) return undefined;
    const started = performance.now();
    setWaited(0);
    const timer = setInterval(() => setWaited(performance.now() - started), 500);
    return () => clearInterval(timer);
  }, [hunt.busy]);
  if (!hunt.busy || waited < COUNT_AFTER_MS) return null;
  return (
    <span role="status" className={css.waiting}>
      {t('results.searching', { time: formatDuration(Math.floor(waited / 1000) * 1000, language) })}
      <Button variant="default" size="compact-xs" onClick={hunt.stop}>
        {t('results.cancel')}
      </Button>
    </span>
  );
}

function Counts({ histogram, onRange }: { histogram: Histogram; onRange: (from: number, to: number) => void }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const most = histogram.buckets.reduce((top, { count }) => Math.max(top, count), 1);
  return (
    <div className={css.counts}>
      <table>
        <thead>
          <tr>
            <th>{t('chart.time')}</th>
            <th>{t('chart.count')}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {histogram.buckets.map(({ from, count }) => (
            <tr key={from} onClick={() => onRange(from, from + histogram.intervalMs)}>
              <td className="mono">{formatTime(from)}</td>
              <td>{formatNumber(count, language)}</td>
              <td>
                <span className={css.share} style={{ width: `${(count / most) * 100}%` }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
