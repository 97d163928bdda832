import cookie from '@fastify/cookie';
import { TypeBoxValidatorCompiler, type FastifyPluginAsyncTypebox, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { fastify, type FastifyBaseLogger, type FastifyInstance, type RawServerDefault } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock/index.ts';
import type { Identity } from '../identity/identity.ts';
import type { Logger } from '../logger/index.ts';
import type { AgentIdentity } from './access.ts';
import { answerError, answerErrors } from './answers.ts';
import { enforceAccess, knownCaller } from './authenticate.ts';
import { serveConsole } from './console.ts';
import { addSecurityHeaders } from './headers.ts';
import { addOperations } from './operations.ts';
import { addRateLimit } from './rate-limit.ts';
import { requireAccess } from './routes.ts';
import { answerUnreadable } from './unreadable.ts';

export type HttpServer = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>;

/** What a domain's `<thing>Api(deps)` returns: `app.register(alertsApi(deps))`. Handlers get types from their TypeBox schemas. */
export type ApiPlugin = FastifyPluginAsyncTypebox;

export interface HttpServerOptions {
  readonly identity: Identity;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Addresses of reverse proxies whose X-Forwarded-For is believed. Default: none. */
  readonly trustProxy?: readonly string[];
  /** Address people use, when it is not the one listened on; https makes cookies Secure. */
  readonly publicUrl?: string;
  /** Needed by routes with access `agent`. */
  readonly verifyAgent?: (token: string) => Promise<AgentIdentity | undefined>;
  /** Folder of the built console. */
  readonly staticDirectory?: string;
  readonly metrics?: () => string | Promise<string>;
}

const BODY_LIMIT = 1024 * 1024;
const HEADERS_TIMEOUT_MS = 15_000;
/** A whole request, body included: an upload of a large recording over a slow line. */
const REQUEST_TIMEOUT_MS = 600_000;
/** How long a request under way may go on after `close`: one whose sender was cut off never ends by itself. */
const CLOSE_GRACE_MS = 3000;

/** The server with its guards; domains register their plugins before `listen`. A route without `config.access` throws at once. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { identity, logger, publicUrl } = options;
  const publicOrigin = publicUrl === undefined ? undefined : new URL(publicUrl).origin;
  const tls = publicOrigin?.startsWith('https:') ?? false;
  const base = fastify({
    logger: false,
    trustProxy: options.trustProxy && options.trustProxy.length > 0 ? [...options.trustProxy] : false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 512 },
    // An address that cannot be read reaches no hook and no handler.
    clientErrorHandler: answerUnreadable,
    frameworkErrors: (error, request, reply) => void answerError(reply, { error, request, logger }),
  });
  base.server.headersTimeout = HEADERS_TIMEOUT_MS;
  const app: HttpServer = base.withTypeProvider<TypeBoxTypeProvider>().setValidatorCompiler(TypeBoxValidatorCompiler);
  app.removeContentTypeParser('text/plain');
  app.decorate('secureCookies', tls);
  app.decorate('publicOrigin', publicOrigin);
  addSecurityHeaders(base, { tls });
  requireAccess(base);
  answerErrors(base, logger);
  enforceAccess(base, { identity, publicOrigin, verifyAgent: options.verifyAgent ?? (async () => undefined) });
  boundClosing(base);
  app.register(cookie);
  addRateLimit(base);
  logRequests(base, logger);
  addOperations(base, options);
  serveConsole(base, options.staticDirectory);
  return app;
}

/** Idle connections are closed at once; the others when their request has been answered, or after the grace. */
function boundClosing(app: FastifyInstance): void {
  let late: NodeJS.Timeout | undefined;
  app.addHook('preClose', async () => {
    late = setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS);
  });
  app.addHook('onClose', async () => clearTimeout(late));
}

// The route's pattern, not its address: an address may hold a one-time token.
function logRequests(app: FastifyInstance, logger: Logger): void {
  app.addHook('onResponse', async (request, reply) => {
    const { url } = request.routeOptions;
    const caller = knownCaller(request);
    const who = caller?.scope?.actor.id ?? caller?.agent?.id;
    logger.debug(
      { method: request.method, route: url, status: reply.statusCode, ms: Math.round(reply.elapsedTime), who, from: request.ip },
      'request',
    );
  });
}
