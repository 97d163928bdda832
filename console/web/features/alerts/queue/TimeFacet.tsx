import { useState, type ReactNode } from 'react';
import { TextInput } from '@mantine/core';
import { useView } from '../../../client/view.ts';
import { formatTime, parseTime } from '../../../ui/format.ts';
import { RANGES, type AlertsView } from '../view.ts';
import { useWords } from '../words.ts';
import css from './queue.module.css';

export function TimeFacet(): ReactNode {
  const t = useWords();
  const [view, change] = useView<AlertsView>();
  const exact = view.from !== undefined || view.to !== undefined;
  const [custom, setCustom] = useState(exact);
  const open = custom || exact;
  return (
    <fieldset className={css.group}>
      <legend>{t('filter.time')}</legend>
      {([undefined, ...RANGES] as const).map((range) => (
        <label key={range ?? ''} className={css.facet}>
          <input
            type="radio"
            name="range"
            checked={!open && view.range === range}
            onChange={() => {
              setCustom(false);
              change({ range, from: undefined, to: undefined });
            }}
          />
          {t(`range.${range ?? 'any'}`)}
        </label>
      ))}
      <label className={css.facet}>
        <input type="radio" name="range" checked={open} onChange={() => setCustom(true)} />
        {t('range.custom')}
      </label>
      {open && (
        <>
          <TimeInput label={t('range.from')} value={view.from} onValue={(from) => change({ from, range: undefined })} />
          <TimeInput label={t('range.to')} value={view.to} onValue={(to) => change({ to, range: undefined })} />
        </>
      )}
    </fieldset>
  );
}

interface TimeInputProps {
  label: string;
  value: number | undefined;
  onValue: (value: number | undefined) => void;
}

function TimeInput({ label, value, onValue }: TimeInputProps): ReactNode {
  const t = useWords();
  const [typed, setTyped] = useState(value === undefined ? '' : formatTime(value, 'minutes'));
  const invalid = typed.trim() !== '' && parseTime(typed) === undefined;
  const accept = (): void => {
    if (!invalid) onValue(parseTime(typed));
  };
  return (
    <TextInput
      size="xs"
      label={label}
      placeholder={t('range.format')}
      value={typed}
      error={invalid ? t('range.invalid') : undefined}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={accept}
      onKeyDown={(event) => {
        if (event.key === 'Enter') accept();
      }}
    />
  );
}
