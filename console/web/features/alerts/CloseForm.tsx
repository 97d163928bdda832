import { useState, type FormEvent, type ReactNode } from 'react';
import { Button, Group, Modal, Radio, Stack, Textarea } from '@mantine/core';
import type { Verdict } from '@vong/engine/contracts';
import { VERDICTS } from './triage.ts';
import { useWords as useUiWords } from '../../ui/words/index.ts';
import { useWords } from './words.ts';

interface CloseFormProps {
  /** How many alerts; 0 means the form is shut. */
  count: number;
  onClose: (verdict: Verdict, reason: string) => void;
  onCancel: () => void;
}

/** Asks for the verdict and why: both are needed to close. Ctrl Enter closes. */
export function CloseForm({ count, onClose, onCancel }: CloseFormProps): ReactNode {
  const t = useWords();
  return (
    <Modal
      opened={count > 0}
      onClose={onCancel}
      title={t('close.title', { count })}
      size={420}
      closeButtonProps={{ 'aria-label': t('close.cancel') }}
    >
      {count > 0 && <Body onClose={onClose} onCancel={onCancel} />}
    </Modal>
  );
}

function Body({ onClose, onCancel }: Omit<CloseFormProps, 'count'>): ReactNode {
  const t = useWords();
  const ui = useUiWords();
  const [verdict, setVerdict] = useState<Verdict>('false_positive');
  const [reason, setReason] = useState('');
  const ready = reason.trim() !== '';
  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    if (ready) onClose(verdict, reason.trim());
  };
  return (
    <form onSubmit={submit}>
      <Radio.Group
        label={t('close.verdict')}
        value={verdict}
        onChange={(value) => setVerdict(VERDICTS.find((one) => one === value) ?? verdict)}
      >
        <Stack gap={6} mt={6} mb={12}>
          {VERDICTS.map((one) => (
            <Radio key={one} size="xs" value={one} label={ui(`verdict.${one}`)} />
          ))}
        </Stack>
      </Radio.Group>
      <Textarea
        label={t('close.reason')}
        placeholder={t('close.reason.hint')}
        autosize
        minRows={3}
        maxRows={8}
        maxLength={4000}
        data-autofocus
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
        }}
      />
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onCancel}>
          {t('close.cancel')}
        </Button>
        <Button type="submit" disabled={!ready}>
          {t('close.action')}
        </Button>
      </Group>
    </form>
  );
}
