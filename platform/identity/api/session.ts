import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { READERS } from '../../http/access.ts';
import { callerOf } from '../../http/authenticate.ts';
import { clearSessionCookie, setSessionCookie } from '../../http/cookie.ts';
import { CREDENTIAL_RATE } from '../../http/rate-limit.ts';
import type { ApiPlugin } from '../../http/server.ts';
import { SessionChange, SetupRequest, SignIn, type SessionUser } from '../contracts.ts';
import { identityError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { LiveSession, Visitor } from '../sessions.ts';
import type { SignedIn } from '../sign-in.ts';
import { sessionUserOf } from '../users.ts';

const config = { access: 'anyone' } as const;
const limited = { ...config, rateLimit: CREDENTIAL_RATE } as const;
const Token = Type.Object({ token: Type.String({ minLength: 1, maxLength: 64 }) });
const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });

export function sessionApi(identity: Identity): ApiPlugin {
  return async (app) => {
    app.get('/api/setup/:token', { config: limited, schema: { params: Token } }, (request) => identity.inspect(request.params.token));
    app.post('/api/setup', { config: limited, schema: { body: SetupRequest } }, async (request, reply) =>
      welcome(reply, await identity.redeem(request.body, visitorOf(request))),
    );
    app.get('/api/session', { config }, async (request) => {
      const caller = await callerOf(identity, request);
      if (!caller?.session) throw identityError('IDENTITY_SIGN_IN_NEEDED');
      return { user: sessionUserOf(caller.session.user) };
    });
    app.post('/api/session', { config: limited, schema: { body: SignIn } }, async (request, reply) => {
      const signedIn = await identity.signIn(request.body, visitorOf(request));
      // A session the browser already had ends: nobody keeps one that was there before the password was asked.
      await endPrevious(identity, request);
      return welcome(reply, signedIn);
    });
    app.delete('/api/session', { config }, async (request, reply) => {
      await endPrevious(identity, request);
      clearSessionCookie(reply);
      return reply.status(204).send();
    });
    ownSessions(app, identity);
  };
}

function ownSessions(app: Parameters<ApiPlugin>[0], identity: Identity): void {
  const access = { access: READERS } as const;
  app.patch(
    '/api/session',
    { config: { ...access, rateLimit: CREDENTIAL_RATE }, schema: { body: SessionChange } },
    async (request, reply) => {
      const session = personOf(request);
      const { language, theme, password, newPassword } = request.body;
      const choice = { ...(language === undefined ? {} : { language }), ...(theme === undefined ? {} : { theme }) };
      const user = Object.keys(choice).length > 0 ? await identity.users.prefer(session.user.id, choice) : session.user;
      if (newPassword === undefined) return { user: sessionUserOf(user) };
      const change = { password: password ?? '', newPassword };
      return welcome(reply, await identity.changePassword({ ...session, user }, change, visitorOf(request)));
    },
  );
  app.get('/api/sessions', { config: access }, async (request) => {
    const session = personOf(request);
    const items = await identity.sessions.list(session.user.id);
    return { items: items.map((item) => ({ ...item, current: item.id === session.id })) };
  });
  app.delete('/api/sessions/:id', { config: access, schema: { params: Id } }, async (request, reply) => {
    await identity.endSession(personOf(request), request.params.id, request.ip);
    return reply.status(204).send();
  });
}

function welcome(reply: FastifyReply, { user, secret }: SignedIn): { user: SessionUser } {
  setSessionCookie(reply, secret);
  return { user: sessionUserOf(user) };
}

async function endPrevious(identity: Identity, request: FastifyRequest): Promise<void> {
  const session = (await callerOf(identity, request))?.session;
  if (session) await identity.signOut(session, request.ip);
}

function personOf(request: FastifyRequest): LiveSession {
  if (!request.session) throw identityError('IDENTITY_PERSON_NEEDED');
  return request.session;
}

function visitorOf(request: FastifyRequest): Visitor {
  return { from: request.ip, program: request.headers['user-agent'] };
}
