/** How events get through: what is slow, and where. */
import { IconActivityHeartbeat } from '@tabler/icons-react';
import type { Feature } from '../../client/feature.ts';
import { pipelineSearch } from './view.ts';
import { useWords } from './words.ts';

export const pipeline: Feature = {
  name: 'pipeline',
  rail: { path: '/pipeline', icon: IconActivityHeartbeat, useLabel: () => useWords()('title'), key: 'p' },
  routes: [{ path: '/pipeline', search: pipelineSearch, page: () => import('./PipelinePage.tsx').then((module) => module.PipelinePage) }],
};
