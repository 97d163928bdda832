/** How the addresses of other servers are read and held to their form. */
import { X509Certificate } from 'node:crypto';
import { readTextFile } from './text-file.ts';

const CA_BYTES = 1024 * 1024;

/** `host:port`; an IPv6 address in brackets. */
export function isHostPort(text: string): boolean {
  const [, port] = /^(?:\[[0-9a-f:.]{2,45}\]|[a-z0-9](?:[a-z0-9._-]{0,252}[a-z0-9])?):(\d{1,5})$/i.exec(text) ?? [];
  return port !== undefined && Number(port) > 0 && Number(port) <= 65_535;
}

/** An address over HTTP without user and password: those have settings of their own. Without the `/` at its end. */
export function readHttpUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return plain && /^https?:$/.test(url.protocol) ? url.href.replace(/\/$/, '') : undefined;
}

/** A user and a password in an address, decoded; the address without the password. */
export interface ServerUrl {
  readonly url: string;
  readonly password: string | undefined;
  /** `sslmode` of PostgreSQL; it stands in `url` too. */
  readonly sslmode: string | undefined;
}

/** `postgres://user@host:5432/database?sslmode=…` */
export function readPostgresUrl(text: string): ServerUrl | undefined {
  const url = urlOf(text, ['postgres:', 'postgresql:']);
  if (url === undefined || url.username === '' || url.hash !== '' || !/^\/[^/]+$/.test(url.pathname)) return undefined;
  if (url.searchParams.keys().some((name) => name !== 'sslmode')) return undefined;
  const sslmode = url.searchParams.get('sslmode') ?? undefined;
  if (sslmode !== undefined && !['disable', 'require', 'verify-ca', 'verify-full'].includes(sslmode)) return undefined;
  return { ...withoutPassword(url), sslmode };
}

/** `redis://host:6379/0`, or `rediss://` for TLS. */
export function readRedisUrl(text: string): ServerUrl | undefined {
  const url = urlOf(text, ['redis:', 'rediss:']);
  if (url === undefined || url.search !== '' || url.hash !== '' || !/^(?:\/\d{0,5})?$/.test(url.pathname)) return undefined;
  return { ...withoutPassword(url), sslmode: undefined };
}

function urlOf(text: string, protocols: readonly string[]): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return protocols.includes(url.protocol) && url.hostname !== '' && decoded(url.password) !== undefined ? url : undefined;
}

function withoutPassword(url: URL): { url: string; password: string | undefined } {
  const password = url.password === '' ? undefined : decoded(url.password);
  url.password = '';
  return { url: url.href, password };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Certificates of authorities in PEM: the text itself, or the name of the file it stands in. */
export function readAuthorities(text: string): string | undefined {
  if (text.includes('-----BEGIN ')) return certificatesOf(text).length > 0 ? text : undefined;
  const file = readTextFile(text, CA_BYTES);
  return 'text' in file && certificatesOf(file.text).length > 0 ? file.text : undefined;
}

/** Every certificate of a text in PEM; none when one of them cannot be read. */
export function certificatesOf(pem: string): X509Certificate[] {
  try {
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return [];
  }
}
