/** The alert queue and the alert. */
import { IconBellRinging } from '@tabler/icons-react';
import type { Feature } from '../../client/feature.ts';
import { alertsSearch, detailSearch } from './view.ts';
import { useWords } from './words.ts';

export const alerts: Feature = {
  name: 'alerts',
  rail: { path: '/alerts', icon: IconBellRinging, useLabel: () => useWords()('title'), key: 'q' },
  routes: [
    { path: '/alerts', search: alertsSearch, page: () => import('./queue/QueuePage.tsx').then((module) => module.QueuePage) },
    { path: '/alerts/$id', search: detailSearch, page: () => import('./detail/AlertPage.tsx').then((module) => module.AlertPage) },
  ],
};
