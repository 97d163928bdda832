/** What it means that a server cannot be used, and what to do; the same for all four. */
import { messageOf } from '@vong/platform/probes';
import { problem, type Finding } from './finding.ts';

export interface Server {
  /** `kafka` */
  readonly name: string;
  /** As people call it: `Kafka`. */
  readonly title: string;
  /** `host:port` */
  readonly address: string;
  /** The setting its address stands in. */
  readonly setting: string;
}

interface Cause {
  readonly sign: RegExp;
  readonly advice: (server: Server) => string;
}

const portOf = ({ address }: Server): string => address.slice(address.lastIndexOf(':') + 1);
const hostOf = ({ address }: Server): string => address.slice(0, address.lastIndexOf(':')).replaceAll(/[[\]]/g, '');
const nc = (server: Server): string => `nc -vz ${hostOf(server)} ${portOf(server)}`;

const CAUSES: readonly Cause[] = [
  {
    sign: /ECONNREFUSED/,
    advice: (server) => `Nothing listens there: start ${server.title}, or correct ${server.setting}. Try: ${nc(server)}`,
  },
  {
    sign: /ENOTFOUND|EAI_AGAIN/,
    advice: (server) => `This name is not known here: correct ${server.setting}, or its DNS. Try: getent hosts ${hostOf(server)}`,
  },
  {
    sign: /EHOSTUNREACH|ENETUNREACH/,
    advice: (server) => `No way there from this machine: look at routes and firewalls. Try: ip route get ${hostOf(server)}`,
  },
  {
    sign: /password|WRONGPASS|NOAUTH|authenticat|unable to authenticate|28P01|security_exception|SASL/i,
    advice: (server) =>
      `It refused the user or the password: correct ${server.setting}_USER and ${server.setting}_PASSWORD (or the file ${server.setting}_PASSWORD_FILE names).`,
  },
  {
    sign: /certificate|self.signed|altnames|CERT_|issuer/i,
    advice: (server) => `Its certificate is not trusted: give the authority that signed it in ${server.setting}_CA. ${lookAt(server)}`,
  },
  {
    sign: /wrong version number|packet length|EPROTO|speaks no TLS|does not support SSL/i,
    advice: (server) => `It speaks no TLS there: turn TLS on at the server, or take it out of ${server.setting}.`,
  },
  {
    sign: /greeting of TLS/,
    advice: (server) =>
      `It hangs, or speaks no TLS there: turn TLS on at the server, or take it out of ${server.setting}. Try: ${nc(server)}`,
  },
  {
    sign: /no answer within|timed? ?out|ETIMEDOUT|TimeoutError/i,
    advice: (server) => `It hangs, is overloaded, or a firewall drops what is sent: look at the server's own log. Try: ${nc(server)}`,
  },
  {
    sign: /ECONNRESET|closed|socket hang up|EPIPE/i,
    advice: (server) => `It cut the connection: is it ${server.title}, and does it expect TLS there? Look at its own log.`,
  },
];

/** How to look at a server's certificate. */
export function lookAt({ address, name }: Pick<Server, 'address' | 'name'>): string {
  const start = name === 'postgres' ? ' -starttls postgres' : '';
  return `Look at it: openssl s_client${start} -connect ${address} </dev/null | openssl x509 -noout -subject -issuer -dates`;
}

/** A problem with what is most likely its cause; `own` causes of this server are looked at first. */
export function unreachable(server: Server, error: unknown, own: readonly Cause[] = []): Finding {
  const found = messageOf(error);
  const cause = [...own, ...CAUSES].find(({ sign }) => sign.test(found));
  const advice = cause?.advice(server) ?? `Look at the log of ${server.title} at ${server.address}, and at ${server.setting}.`;
  return problem(`${server.name} ${server.address}`, `cannot be used: ${found}`, advice);
}
