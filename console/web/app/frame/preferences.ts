/** Language and theme: kept with the person at the server, and on this machine for the pages before signing in. */
import { useEffect, useRef } from 'react';
import { useMantineColorScheme } from '@mantine/core';
import { chooseLanguage } from '../../client/language.ts';
import { usePreference, type SessionUser } from '../../client/session.ts';
import { useLanguage, type Language } from '../../i18n/words.ts';

export const THEME_KEY = 'vong.theme';
export const THEMES = ['light', 'dark', 'auto'] as const;

export function usePreferences(): {
  language: Language;
  theme: SessionUser['theme'];
  choose: (change: Partial<Pick<SessionUser, 'language' | 'theme'>>) => void;
} {
  const language = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const keep = usePreference();
  return {
    language,
    theme: colorScheme,
    choose: (change) => {
      if (change.language !== undefined) chooseLanguage(change.language);
      if (change.theme !== undefined) setColorScheme(change.theme);
      keep(change);
    },
  };
}

/** Takes over what the person has chosen elsewhere. */
export function useAdoptPreferences(user: SessionUser | null | undefined): void {
  const { setColorScheme } = useMantineColorScheme();
  // Mantine makes a new setter on every render: as a dependency it would run this for ever.
  const apply = useRef(setColorScheme);
  const language = user?.language;
  const theme = user?.theme;
  useEffect(() => {
    if (language !== undefined) chooseLanguage(language);
    if (theme !== undefined) apply.current(theme);
  }, [language, theme]);
}
