/** The alert queue and the alert. */
import { IconBellRinging } from '@tabler/icons-react';
import type { Feature } from '../../client/feature.ts';
import { useWords } from './words.ts';

export const alerts: Feature = {
  name: 'alerts',
  rail: { path: '/alerts', icon: IconBellRinging, useLabel: () => useWords()('title'), key: 'q' },
  routes: [{ path: '/alerts', page: () => import('./QueuePage.tsx').then((module) => module.QueuePage) }],
};
