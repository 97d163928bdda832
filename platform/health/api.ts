/** `GET /healthz` and `GET /readyz`, for whoever runs the process: without sign-in, so they tell names and safe reasons only. */
import type { ApiPlugin } from '../http/index.ts';
import type { Health } from './health.ts';

export function healthApi({ health }: { readonly health: Health }): ApiPlugin {
  const config = { access: 'anyone' } as const;
  return async (app) => {
    // That this is answered is all it says: the event loop turns. A server that is away is no reason to kill this process.
    app.get('/healthz', { config }, (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'live' }));
    app.get('/readyz', { config }, async (_request, reply) => {
      const { ready, reasons } = await health.ready();
      return reply
        .status(ready ? 200 : 503)
        .header('cache-control', 'no-store')
        .send({ status: ready ? 'ready' : 'not ready', reasons });
    });
  };
}
