import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import '@mantine/core/styles.layer.css';
import '../ui/fonts.css';
import '../ui/theme.css';
import { rememberedLanguage } from '../client/language.ts';
import { queries } from '../client/queries.ts';
import { setLanguage } from '../i18n/words.ts';
import { listenToKeyboard } from '../ui/keys.ts';
import { cssVariables, theme } from '../ui/theme.ts';
import { THEME_KEY } from './frame/preferences.ts';
import { router } from './router.tsx';

setLanguage(rememberedLanguage());
listenToKeyboard();

const colorScheme = localStorageColorSchemeManager({ key: THEME_KEY });
const place = document.getElementById('root');
if (place) {
  createRoot(place).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" colorSchemeManager={colorScheme}>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
