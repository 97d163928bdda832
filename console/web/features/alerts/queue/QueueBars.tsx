import type { ReactNode } from 'react';
import { Button } from '@mantine/core';
import { KeyHint } from '../../../ui/KeyHint.tsx';
import type { Triage } from '../useTriage.ts';
import { useWords } from '../words.ts';
import css from './queue.module.css';

interface NewBarProps {
  held: number;
  left: number;
  onShow: () => void;
}

/** What has come in while the list was not at the top, and what has left it: applied when asked for. */
export function NewBar({ held, left, onShow }: NewBarProps): ReactNode {
  const t = useWords();
  if (held === 0 && left === 0) return null;
  return (
    <div className={`${css.bar} ${held > 0 ? '' : css.quiet}`} role="status">
      <Button variant="light" size="compact-xs" onClick={onShow} rightSection={<KeyHint keys="r" />}>
        {held > 0 ? t('queue.new', { count: held }) : t('queue.left', { count: left })}
      </Button>
    </div>
  );
}

interface BulkBarProps {
  count: number;
  triage: Triage;
  onAssign: () => void;
  onAcknowledge: () => void;
  onClose: () => void;
  onAll: () => void;
  onClear: () => void;
}

/** Takes the place of the column heads while rows are selected. */
export function BulkBar({ count, triage, onAssign, onAcknowledge, onClose, onAll, onClear }: BulkBarProps): ReactNode {
  const t = useWords();
  if (count === 0) return null;
  return (
    <div className={css.bulk} role="toolbar" aria-label={t('bulk.selected', { count })}>
      <b style={{ fontWeight: 600 }}>{t('bulk.selected', { count })}</b>
      {triage.allowed && <BarButton label={t('act.assignMe')} run={onAssign} keys="e" />}
      {triage.allowed && <BarButton label={t('act.acknowledge')} run={onAcknowledge} keys="a" />}
      {triage.allowed && <BarButton label={t('act.close')} run={onClose} keys="c" />}
      <span style={{ flex: 1 }} />
      <BarButton label={t('bulk.all')} run={onAll} />
      <BarButton label={t('bulk.clear')} run={onClear} keys="Esc" />
    </div>
  );
}

function BarButton({ label, run, keys }: { label: string; run: () => void; keys?: string }): ReactNode {
  return (
    <Button variant="subtle" size="compact-xs" onClick={run} rightSection={keys === undefined ? undefined : <KeyHint keys={keys} />}>
      {label}
    </Button>
  );
}
