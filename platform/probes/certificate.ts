import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Late, within } from './reason.ts';

export interface Peer {
  readonly host: string;
  readonly port: number;
  /** PEM of the authorities to trust instead of those that Node.js knows. */
  readonly ca?: string | undefined;
  /** What must be said before TLS begins; none for most. */
  readonly before?: (socket: Socket) => Promise<void>;
}

export interface Certificate {
  readonly subject: string;
  /** ms since 1970 */
  readonly validFrom: number;
  readonly validTo: number;
  /** Why it is not trusted, in the words of OpenSSL; undefined when it is. */
  readonly distrusted: string | undefined;
}

/** The certificate a server shows, whether it is trusted or not. Rejects where none is shown. */
export async function certificateOf(peer: Peer, limitMs: number): Promise<Certificate> {
  const socket = connect({ host: peer.host, port: peer.port });
  let connected = false;
  socket.once('connect', () => (connected = true));
  try {
    return await within(limitMs, greet(socket, peer));
  } catch (error) {
    // A server without TLS may wait for the rest of what it takes for a command.
    throw connected && error instanceof Late ? new Late(limitMs, 'to a greeting of TLS') : error;
  } finally {
    socket.destroy();
  }
}

async function greet(socket: Socket, { host, ca, before }: Peer): Promise<Certificate> {
  await once(socket, 'connect');
  await before?.(socket);
  const tls = connectTls({
    socket,
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    // It is looked at, and nothing is sent to it.
    rejectUnauthorized: false,
  });
  await once(tls, 'secureConnect');
  const shown = tls.getPeerX509Certificate();
  if (shown === undefined) throw new Error('the server shows no certificate');
  const reason: unknown = tls.authorizationError;
  const distrusted = tls.authorized ? undefined : reason instanceof Error ? reason.message : String(reason);
  const result = {
    subject: shown.subject.replaceAll('\n', ', '),
    validFrom: Date.parse(shown.validFrom),
    validTo: Date.parse(shown.validTo),
    distrusted,
  };
  tls.destroy();
  return result;
}
