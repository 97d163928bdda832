import { warning, type Finding } from './finding.ts';
import type { Server } from './reach.ts';

const HERE = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|::1)$/;

/** A password that goes over the network as anyone can read it. */
export function readableOnTheWay(server: Server, secured: { readonly tls: boolean; readonly password: boolean }): Finding[] {
  const host = server.address.slice(0, server.address.lastIndexOf(':'));
  if (secured.tls || !secured.password || HERE.test(host)) return [];
  return [
    warning(
      `${server.name} ${server.address}`,
      'is spoken to without TLS: who listens on the network reads everything, and may take the password',
      `Turn TLS on at ${server.title}, and give the authority of its certificate in ${server.setting}_CA.`,
    ),
  ];
}
