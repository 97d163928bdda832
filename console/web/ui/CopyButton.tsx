import { useState, type ReactNode } from 'react';
import { ActionIcon } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { copyText } from './copy.ts';
import { useWords } from './words/index.ts';

const SHOWN_MS = 1500;

/** Copies exactly `value`; the icon confirms it. */
export function CopyButton({ value, label }: { value: string; label?: string }): ReactNode {
  const t = useWords();
  const [done, setDone] = useState(false);
  const confirm = (ok: boolean): void => {
    setDone(ok);
    setTimeout(() => setDone(false), SHOWN_MS);
  };
  const copy = (): void => void copyText(value).then(confirm);
  const text = done ? t('copied') : (label ?? t('copy'));
  return (
    <ActionIcon size={22} onClick={copy} aria-label={text} title={text}>
      {done ? <IconCheck size={14} /> : <IconCopy size={14} />}
    </ActionIcon>
  );
}
