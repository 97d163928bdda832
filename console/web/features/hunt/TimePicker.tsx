import { useState, type ReactNode } from 'react';
import { Button, Popover, TextInput } from '@mantine/core';
import { IconCalendarTime } from '@tabler/icons-react';
import { useView } from '../../client/view.ts';
import { formatClock, formatDate, formatTime, parseTime } from '../../ui/format.ts';
import { now } from '../../ui/now.ts';
import css from './query.module.css';
import { DEFAULT_RANGE, RANGES, spanOf, type HuntView, type Range } from './view.ts';
import { useWords } from './words.ts';

/** A range in few characters: `22/11 14:00 – 14:30`. */
function shortSpan(from: number, to: number): string {
  const day = formatDate(from).slice(0, 5);
  const other = formatDate(to).slice(0, 5);
  const precision = to - from < 300_000 ? 'seconds' : 'minutes';
  return `${day} ${formatClock(from, precision)} – ${other === day ? '' : `${other} `}${formatClock(to, precision)}`;
}

export function TimePicker(): ReactNode {
  const t = useWords();
  const [view, change] = useView<HuntView>();
  const [open, setOpen] = useState(false);
  const exact = view.from !== undefined || view.to !== undefined;
  const span = spanOf(view, now());
  const range = view.range ?? DEFAULT_RANGE;
  const name = exact ? shortSpan(span.from ?? 0, span.to ?? now()) : t(`range.${range}`);
  const choose = (part: { range?: Range | undefined; from?: number; to?: number }): void => {
    setOpen(false);
    change({ range: undefined, from: undefined, to: undefined, event: undefined, ...part });
  };
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={420} trapFocus>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconCalendarTime size={14} />}
          onClick={() => setOpen(!open)}
          aria-label={t('time.label', { name })}
          aria-expanded={open}
          styles={{ label: { fontVariantNumeric: 'tabular-nums' } }}
        >
          {name}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={8} className={css.times}>
        <div className={css.ranges}>
          {RANGES.map((one) => (
            <button
              key={one}
              type="button"
              className={css.range}
              aria-pressed={!exact && one === range}
              onClick={() => choose({ range: one === DEFAULT_RANGE ? undefined : one })}
            >
              {t(`range.${one}`)}
            </button>
          ))}
        </div>
        <ExactRange from={span.from ?? now() - 3_600_000} to={span.to ?? now()} onApply={(from, to) => choose({ from, to })} />
      </Popover.Dropdown>
    </Popover>
  );
}

function ExactRange({ from, to, onApply }: { from: number; to: number; onApply: (from: number, to: number) => void }): ReactNode {
  const t = useWords();
  const [start, setStart] = useState(formatTime(from));
  const [end, setEnd] = useState(formatTime(to));
  const first = parseTime(start);
  const last = parseTime(end);
  const ordered = first !== undefined && last !== undefined && last > first;
  const fault = last === undefined ? t('time.invalid') : first !== undefined && last <= first ? t('time.order') : undefined;
  return (
    <form
      className={css.exact}
      onSubmit={(event) => {
        event.preventDefault();
        if (ordered) onApply(first, last);
      }}
    >
      <h3>{t('time.exact')}</h3>
      <TextInput
        label={t('time.from')}
        placeholder={t('time.format')}
        value={start}
        error={first === undefined ? t('time.invalid') : undefined}
        onChange={(event) => setStart(event.currentTarget.value)}
      />
      <TextInput
        label={t('time.to')}
        placeholder={t('time.format')}
        value={end}
        error={fault}
        onChange={(event) => setEnd(event.currentTarget.value)}
      />
      <Button type="submit" disabled={!ordered}>
        {t('time.apply')}
      </Button>
    </form>
  );
}
