import type { ReactNode } from 'react';
import { Modal } from '@mantine/core';
import { KeyHint } from '../../ui/KeyHint.tsx';
import { keyboard } from '../../ui/keys.ts';
import { useWords } from '../words.ts';
import css from './frame.module.css';

/** Every key that does something on the page one stands on. */
export function KeyList({ opened, onClose }: { opened: boolean; onClose: () => void }): ReactNode {
  const t = useWords();
  return (
    <Modal opened={opened} onClose={onClose} title={t('keys.title')} size={520}>
      {opened && (
        <dl className={css.keys}>
          {keyboard.bound().map((binding) => (
            <div key={binding.keys} style={{ display: 'contents' }}>
              <dt>
                <KeyHint keys={binding.keys.replace('Ctrl+k', 'Ctrl K')} />
              </dt>
              <dd>{binding.label}</dd>
            </div>
          ))}
        </dl>
      )}
    </Modal>
  );
}
