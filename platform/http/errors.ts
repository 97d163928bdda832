import { errorMaker, type ErrorCatalogue } from '../errors/index.ts';

/** Failures of the HTTP border itself, before or after a domain's handler. */
export const HTTP_ERRORS = {
  HTTP_INVALID: { status: 400, message: 'The request is not valid: {field} {problem}.' },
  HTTP_MALFORMED: { status: 400, message: 'The request cannot be read: {problem}' },
  HTTP_CROSS_SITE: {
    status: 403,
    message:
      'This change was refused because it does not come from the console. A program sends a key; a browser sends the header x-vong: 1.',
  },
  HTTP_NOT_FOUND: { status: 404, message: 'There is nothing at this address.' },
  HTTP_TOO_LARGE: { status: 413, message: 'The request is larger than what is accepted here.' },
  HTTP_MEDIA_TYPE: { status: 415, message: 'The content type of the request is not accepted here.' },
  HTTP_TOO_MANY: { status: 429, message: 'Too many requests from this address. Try again in {retryAfterSeconds} seconds.' },
  HTTP_BUG: {
    status: 500,
    message: 'Something went wrong in the server. Tell your administrator the incident number {incident}; it stands in the log.',
  },
  HTTP_ACCESS_MISSING: { status: 500, message: 'The route {method} {url} does not say who may call it (config.access).' },
  HTTP_SCOPE_MISSING: { status: 500, message: 'The route {url} reads {property}, which its access does not give.' },
} as const satisfies ErrorCatalogue<string>;

export const httpError = errorMaker(HTTP_ERRORS);
