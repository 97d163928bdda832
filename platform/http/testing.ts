/** For tests only: every route of a server with who may call it. */
import type { FastifyInstance } from 'fastify';
import { routesOf, type RouteInfo } from './routes.ts';

export type { RouteInfo };

/** All routes, plugins included; HEAD twins of GET left out. */
export async function walkRoutes(app: Pick<FastifyInstance, 'ready' | 'server'>): Promise<readonly RouteInfo[]> {
  await app.ready();
  return routesOf(app).filter((route) => route.method !== 'HEAD');
}
