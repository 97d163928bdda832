/** Where the data comes from: agents, their sources, and the records that could not be read. */
import { IconPlugConnected } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Feature } from '../../client/feature.ts';
import { waitingLettersQuery } from './data.ts';
import { agentsSearch, lettersSearch } from './view.ts';
import { useWords } from './words.ts';

export const sources: Feature = {
  name: 'sources',
  rail: {
    path: '/sources',
    icon: IconPlugConnected,
    useLabel: () => useWords()('title'),
    key: 's',
    useBadge: () => useQuery(waitingLettersQuery).data,
  },
  routes: [
    { path: '/sources', search: agentsSearch, page: () => import('./AgentsPage.tsx').then((module) => module.AgentsPage) },
    { path: '/sources/dead-letters', search: lettersSearch, page: () => import('./LettersPage.tsx').then((module) => module.LettersPage) },
  ],
};
