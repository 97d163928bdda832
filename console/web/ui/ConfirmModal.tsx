import type { ReactNode } from 'react';
import { Button, Group, Modal } from '@mantine/core';
import { useWords } from './words/index.ts';

interface ConfirmProps {
  opened: boolean;
  title: string;
  /** What will happen and why it cannot be undone. */
  children: ReactNode;
  /** The verb on the button. */
  action: string;
  busy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

/** Only for what cannot be undone; everything else happens at once and offers Undo. */
export function ConfirmModal({ opened, title, children, action, busy = false, onConfirm, onClose }: ConfirmProps): ReactNode {
  const t = useWords();
  return (
    <Modal opened={opened} onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('close') }}>
      {children}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose} data-autofocus>
          {t('cancel')}
        </Button>
        <Button color="red" data-danger loading={busy} onClick={onConfirm}>
          {action}
        </Button>
      </Group>
    </Modal>
  );
}
