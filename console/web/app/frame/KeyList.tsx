import { Fragment, type ReactNode } from 'react';
import { Modal } from '@mantine/core';
import { KeyHint } from '../../ui/KeyHint.tsx';
import { keyboard } from '../../ui/keys.ts';
import { useWords } from '../words.ts';
import css from './frame.module.css';

const NAMES: Readonly<Record<string, string>> = {
  'Ctrl+k': 'Ctrl K',
  ArrowDown: '↓',
  ArrowUp: '↑',
  PageDown: 'PgDn',
  PageUp: 'PgUp',
  Escape: 'Esc',
};

/** Every key that does something on the page one stands on; keys for the same stand together. */
export function KeyList({ opened, onClose }: { opened: boolean; onClose: () => void }): ReactNode {
  const t = useWords();
  const bound = opened ? Map.groupBy(keyboard.bound(), ({ label }) => label) : new Map<string, never[]>();
  return (
    <Modal opened={opened} onClose={onClose} title={t('keys.title')} size={520} closeButtonProps={{ 'aria-label': t('keys.close') }}>
      <dl className={css.keys}>
        {[...bound].map(([label, bindings]) => (
          <Fragment key={label}>
            <dt className={css.alternatives}>
              {bindings.map(({ keys }) => (
                <KeyHint key={keys} keys={NAMES[keys] ?? keys} />
              ))}
            </dt>
            <dd>{label}</dd>
          </Fragment>
        ))}
      </dl>
    </Modal>
  );
}
