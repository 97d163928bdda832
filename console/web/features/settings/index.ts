/** The person's own settings, and the administration of agencies, people, keys and the audit trail. */
import { IconSettings } from '@tabler/icons-react';
import type { Feature } from '../../client/feature.ts';
import { auditSearch, itemSearch } from './view.ts';
import { useWords } from './words.ts';

export const settings: Feature = {
  name: 'settings',
  rail: { path: '/settings', icon: IconSettings, useLabel: () => useWords()('title'), key: 't', last: true },
  routes: [
    { path: '/settings', page: () => import('./ProfilePage.tsx').then((module) => module.ProfilePage) },
    { path: '/settings/agencies', search: itemSearch, page: () => import('./AgenciesPage.tsx').then((module) => module.AgenciesPage) },
    { path: '/settings/people', search: itemSearch, page: () => import('./PeoplePage.tsx').then((module) => module.PeoplePage) },
    { path: '/settings/keys', search: itemSearch, page: () => import('./KeysPage.tsx').then((module) => module.KeysPage) },
    { path: '/settings/audit', search: auditSearch, page: () => import('./AuditPage.tsx').then((module) => module.AuditPage) },
  ],
};
