import { useState, type ReactNode } from 'react';
import { Checkbox } from '@mantine/core';
import type { EcsEvent } from '@vong/platform/events';
import { useLanguage } from '../../i18n/words.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { formatBytes } from '../../ui/format.ts';
import css from './pane.module.css';
import { useWords } from './words.ts';

/** The record exactly as it was collected; copy copies every byte of it. */
export function RawTab({ event }: { event: EcsEvent }): ReactNode {
  const t = useWords();
  const language = useLanguage();
  const [wrap, setWrap] = useState(true);
  const raw = event.event.original;
  return (
    <>
      <div className={css.bar}>
        <span className="dim">{t('raw.size', { size: formatBytes(new TextEncoder().encode(raw).length, language) })}</span>
        <span className={css.grow} />
        <Checkbox label={t('raw.wrap')} checked={wrap} onChange={(change) => setWrap(change.currentTarget.checked)} />
        <CopyButton value={raw} />
      </div>
      <pre className={`${css.raw} ${wrap ? css.wrap : ''}`} tabIndex={0}>
        {raw}
      </pre>
    </>
  );
}
