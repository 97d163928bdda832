/** Getting in: signing in, and setting a password from a one-time link. */
import type { Feature } from '../../client/feature.ts';
import { text } from '../../client/search-params.ts';

export const signIn: Feature = {
  name: 'sign-in',
  routes: [
    {
      path: '/sign-in',
      kind: 'bare',
      search: (raw) => {
        const to = text(raw['to'], 4000);
        return to === undefined ? {} : { to };
      },
      page: () => import('./SignInPage.tsx').then((module) => module.SignInPage),
    },
    { path: '/setup/$token', kind: 'bare', page: () => import('./SetupPage.tsx').then((module) => module.SetupPage) },
  ],
};
