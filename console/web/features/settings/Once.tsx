import { useState, type ReactNode } from 'react';
import { Button } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { copyText } from '../../ui/copy.ts';
import css from './settings.module.css';
import { useWords } from './words.ts';

/** A secret that is shown this once: kept nowhere else, gone when this is left. */
export function Once({ title, text, secret }: { title: string; text: string; secret: string }): ReactNode {
  const t = useWords();
  const [copied, setCopied] = useState(false);
  return (
    <section className={css.once} role="status">
      <h3>{title}</h3>
      <code className={css.secret}>{secret}</code>
      <p className="dim">{text}</p>
      <div>
        <Button
          leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          onClick={() => void copyText(secret).then(setCopied)}
        >
          {copied ? t('copied') : t('copy')}
        </Button>
      </div>
    </section>
  );
}
