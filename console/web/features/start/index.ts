/** Getting started: connect an agency, import rules, replay a recording. */
import { IconRocket } from '@tabler/icons-react';
import type { Feature } from '../../client/feature.ts';
import { useWords } from './words.ts';

export const start: Feature = {
  name: 'start',
  rail: { path: '/start', icon: IconRocket, useLabel: () => useWords()('title'), key: 'b', last: true },
  routes: [{ path: '/start', page: () => import('./StartPage.tsx').then((module) => module.StartPage) }],
};
