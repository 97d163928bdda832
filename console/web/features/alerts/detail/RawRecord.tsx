import { useState, type ReactNode } from 'react';
import { Checkbox } from '@mantine/core';
import type { EcsEvent } from '@vong/platform/events';
import { useLanguage } from '../../../i18n/words.ts';
import { CopyButton } from '../../../ui/CopyButton.tsx';
import { formatBytes } from '../../../ui/format.ts';
import { useWords } from '../words.ts';
import css from './detail.module.css';

/** The record exactly as it was collected. */
export function RawRecord({ event }: { event: EcsEvent }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const [wrap, setWrap] = useState(true);
  const raw = event.event.original;
  return (
    <>
      <div className={css.eventBar}>
        <span className="dim">{t('raw.size', { size: formatBytes(new TextEncoder().encode(raw).length, language) })}</span>
        <span style={{ flex: 1 }} />
        <Checkbox label={t('raw.wrap')} checked={wrap} onChange={(change) => setWrap(change.currentTarget.checked)} />
        <CopyButton value={raw} />
      </div>
      <pre className={`${css.raw} ${wrap ? css.wrap : ''}`} tabIndex={0}>
        {raw}
      </pre>
    </>
  );
}
