import type { ReactNode } from 'react';
import { Button } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { KeyHint } from '../../ui/KeyHint.tsx';
import { useWords } from '../words.ts';
import { AgencySwitcher } from './AgencySwitcher.tsx';
import css from './frame.module.css';
import { Clock, LiveWord } from './LiveWord.tsx';
import { PersonMenu, ThemeMenu } from './PersonMenu.tsx';
import { usePreferences } from './preferences.ts';

const LANGUAGE_CODES = { vi: 'VI', en: 'EN' } as const;

export function TopBar({ onPalette, onKeys }: { onPalette: () => void; onKeys: () => void }): ReactNode {
  const t = useWords();
  const { language, choose } = usePreferences();
  return (
    <header className={css.top}>
      <AgencySwitcher />
      <button type="button" className={css.search} onClick={onPalette}>
        <IconSearch size={16} />
        <span className="cut">{t('palette.open')}</span>
        <KeyHint keys="Ctrl K" />
      </button>
      <span className={css.grow} />
      <span role="status" aria-label={t('live.label')}>
        <LiveWord />
      </span>
      <Clock />
      <Button
        variant="subtle"
        color="gray"
        size="compact-xs"
        title={t('language.switch')}
        aria-label={t('language.switch')}
        onClick={() => choose({ language: language === 'vi' ? 'en' : 'vi' })}
      >
        {LANGUAGE_CODES[language]}
      </Button>
      <ThemeMenu />
      <PersonMenu onKeys={onKeys} />
    </header>
  );
}
