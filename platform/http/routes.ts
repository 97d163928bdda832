import type { FastifyInstance, RouteOptions } from 'fastify';
import type { Access } from './access.ts';
import { httpError } from './errors.ts';

export interface RouteInfo {
  readonly method: string;
  /** Pattern, e.g. `/api/alerts/:id`. */
  readonly url: string;
  readonly access: Access;
  /** The declared schema of params, query and body, for a generated test to make a valid request from. */
  readonly schema: RouteOptions['schema'];
}

const known = new WeakMap<FastifyInstance['server'], RouteInfo[]>();

/** Refuses, when the server starts, a route that does not say who may call it. */
export function requireAccess(app: FastifyInstance): void {
  const routes: RouteInfo[] = [];
  known.set(app.server, routes);
  app.addHook('onRoute', (route) => {
    const access = route.config?.access;
    const methods = [route.method].flat();
    if (access === undefined || (Array.isArray(access) && access.length === 0)) {
      throw httpError('HTTP_ACCESS_MISSING', { method: methods.join(','), url: route.url });
    }
    for (const method of methods) routes.push({ method, url: route.url, access, schema: route.schema });
  });
}

/** Every route registered so far. */
export function routesOf(app: Pick<FastifyInstance, 'server'>): readonly RouteInfo[] {
  return known.get(app.server) ?? [];
}
