/** Detection rules: which there are, which run, which failed to load. */
import { IconShieldCheck } from '@tabler/icons-react';
import type { Feature } from '../../client/feature.ts';
import { rulesSearch, valuesSearch } from './view.ts';
import { useWords } from './words.ts';

export const rules: Feature = {
  name: 'rules',
  rail: { path: '/rules', icon: IconShieldCheck, useLabel: () => useWords()('title'), key: 'r' },
  routes: [
    { path: '/rules', search: rulesSearch, page: () => import('./RulesPage.tsx').then((module) => module.RulesPage) },
    { path: '/rules/values', search: valuesSearch, page: () => import('./ValuesPage.tsx').then((module) => module.ValuesPage) },
    { path: '/rules/pipelines', page: () => import('./PipelinesPage.tsx').then((module) => module.PipelinesPage) },
    { path: '/rules/failures', page: () => import('./FailuresPage.tsx').then((module) => module.FailuresPage) },
  ],
};
