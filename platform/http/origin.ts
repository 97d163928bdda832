import type { IncomingHttpHeaders } from 'node:http';

/**
 * True when a browser says that the request comes from another site's page. A program sends neither header and passes:
 * it has no cookie of a person either.
 */
export function crossSite(headers: IncomingHttpHeaders, publicOrigin: string | undefined): boolean {
  const site = headers['sec-fetch-site'];
  const origin = headers.origin;
  if (origin === undefined) return site === 'cross-site' || site === 'same-site';
  if (publicOrigin !== undefined && origin === publicOrigin) return false;
  return !URL.canParse(origin) || headers.host === undefined || new URL(origin).host !== headers.host.toLowerCase();
}
