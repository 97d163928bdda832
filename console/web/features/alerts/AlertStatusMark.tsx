import type { ReactNode } from 'react';
import { IconCircle, IconCircleCheck, IconCircleHalf2 } from '@tabler/icons-react';
import type { AlertStatus } from '@vong/engine/contracts';
import { useWords } from '../../ui/words/index.ts';

const ICONS = { open: IconCircle, acknowledged: IconCircleHalf2, closed: IconCircleCheck };

/** Status by shape and word, without colour: that is kept for severity. */
export function AlertStatusMark({ status, bare = false }: { status: AlertStatus; bare?: boolean }): ReactNode {
  const t = useWords();
  const Icon = ICONS[status];
  const word = t(`status.${status}`);
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 6 }} title={bare ? word : undefined}>
      <Icon size={14} color="var(--vg-icon)" aria-hidden />
      <span className={bare ? 'hidden-text' : undefined}>{word}</span>
    </span>
  );
}
