/** Puts the features' routes together. Framed ones need a session: without one the sign-in page opens and keeps the way back. */
import { lazy, Suspense, type ReactNode } from 'react';
import { Button } from '@mantine/core';
import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  redirect,
  retainSearchParams,
  type AnyRoute,
  type RouteComponent,
} from '@tanstack/react-router';
import type { FeatureRoute } from '../client/feature.ts';
import { onSignedOut } from '../client/api.ts';
import { queries } from '../client/queries.ts';
import { text } from '../client/search-params.ts';
import { sessionQuery } from '../client/session.ts';
import { homePath } from '../features/start/home.ts';
import { EmptyState, ErrorState, Skeleton } from '../ui/states.tsx';
import { features } from './features.ts';
import { Frame } from './frame/Frame.tsx';
import { useWords } from './words.ts';

interface RootSearch {
  agency?: string;
}

const root = createRootRoute({
  notFoundComponent: Missing,
  errorComponent: ({ error, reset }) => <ErrorState error={error} onRetry={reset} />,
});

const framed = createRoute({
  getParentRoute: () => root,
  id: 'framed',
  component: () => <Frame features={features} />,
  validateSearch: (raw: Record<string, unknown>): RootSearch => {
    const agency = text(raw['agency'], 64);
    return agency === undefined ? {} : { agency };
  },
  search: { middlewares: [retainSearchParams(['agency'])] },
  beforeLoad: async ({ location }) => {
    const user = await queries.ensureQueryData(sessionQuery);
    if (!user) throw redirect({ to: '/sign-in', search: { to: location.href } });
  },
});

const home = createRoute({
  getParentRoute: () => framed,
  path: '/',
  beforeLoad: async () => {
    throw redirect({ to: await homePath(), replace: true });
  },
});

function pageOf(load: FeatureRoute['page']): RouteComponent {
  const Page = lazy(() => load().then((component) => ({ default: component })));
  return () => (
    <Suspense fallback={<Skeleton />}>
      <Page />
    </Suspense>
  );
}

function routeOf(parent: AnyRoute, route: FeatureRoute): AnyRoute {
  return createRoute({
    getParentRoute: () => parent,
    path: route.path,
    component: pageOf(route.page),
    ...(route.search ? { validateSearch: route.search } : {}),
  });
}

function Missing(): ReactNode {
  const t = useWords();
  return (
    <EmptyState
      title={t('missing.title')}
      action={
        <Button component={Link} to="/" variant="default">
          {t('missing.back')}
        </Button>
      }
    >
      {t('missing.text')}
    </EmptyState>
  );
}

function routesOf(kind: 'framed' | 'bare', parent: AnyRoute): AnyRoute[] {
  return features.flatMap((feature) =>
    feature.routes.filter((route) => (route.kind ?? 'framed') === kind).map((route) => routeOf(parent, route)),
  );
}

export const router = createRouter({
  routeTree: root.addChildren([framed.addChildren([home, ...routesOf('framed', framed)]), ...routesOf('bare', root)]),
  defaultPreload: false,
  defaultPendingMs: 150,
  scrollRestoration: false,
});

onSignedOut(() => {
  // A session ends once, however many requests notice it.
  if (queries.getQueryData(sessionQuery.queryKey) === null) return;
  queries.setQueryData(sessionQuery.queryKey, null);
  void router.invalidate();
});
