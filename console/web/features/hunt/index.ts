/** Search among all events. */
import { IconZoomScan } from '@tabler/icons-react';
import type { Feature } from '../../client/feature.ts';
import { huntSearch } from './view.ts';
import { useWords } from './words.ts';

export const hunt: Feature = {
  name: 'hunt',
  rail: { path: '/hunt', icon: IconZoomScan, useLabel: () => useWords()('title'), key: 'h' },
  routes: [{ path: '/hunt', search: huntSearch, page: () => import('./HuntPage.tsx').then((module) => module.HuntPage) }],
};
