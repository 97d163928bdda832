import { errorMaker, type ErrorCatalogue } from '../errors/index.ts';

/** Failures of sign-in, people, agencies and keys. None tells whether a name exists to someone who may not list people. */
export const IDENTITY_ERRORS = {
  IDENTITY_SIGN_IN_NEEDED: { status: 401, message: 'Sign in first, or send a valid key.' },
  IDENTITY_SIGN_IN_REFUSED: { status: 401, message: 'The name or the password is wrong.' },
  IDENTITY_PASSWORD_WRONG: { status: 403, message: 'The present password is wrong.' },
  IDENTITY_LOCKED: { status: 423, message: 'Too many wrong passwords for this name. Try again in {retryAfterSeconds} seconds.' },
  IDENTITY_BUSY: { status: 503, message: 'Too many people are signing in at this moment. Try again in {retryAfterSeconds} seconds.' },
  IDENTITY_FORBIDDEN: { status: 403, message: 'Your role does not allow this.' },
  IDENTITY_PERSON_NEEDED: { status: 403, message: 'This is for a signed-in person, not for a key.' },
  IDENTITY_LINK_INVALID: {
    status: 404,
    message: 'This link is not valid: it was used, it has expired, or a newer one replaced it. Ask for a new link.',
  },
  IDENTITY_PASSWORD_WEAK: { status: 400, message: 'Choose another password: {reason}.' },
  IDENTITY_NAME_INVALID: {
    status: 400,
    message:
      'A user name has 2 to 63 characters: lower-case letters, digits, dots, hyphens and underscores, and starts with a letter or a digit.',
  },
  IDENTITY_NAME_TAKEN: { status: 409, message: 'The user name {name} is taken. Choose another one.' },
  IDENTITY_USER_UNKNOWN: { status: 404, message: 'There is no such user in your agencies.' },
  IDENTITY_LAST_ADMINISTRATOR: {
    status: 409,
    message: 'This is the last active administrator of the national agency. Make another one first.',
  },
  IDENTITY_AGENCY_UNKNOWN: { status: 404, message: 'There is no agency {agency} in your reach.' },
  IDENTITY_AGENCY_TAKEN: { status: 409, message: 'The agency code {agency} is taken. Choose another one.' },
  IDENTITY_AGENCY_PLACE: { status: 400, message: 'The agency cannot stand there: {reason}.' },
  IDENTITY_KEY_UNKNOWN: { status: 404, message: 'There is no such key in your agencies.' },
  IDENTITY_SESSION_UNKNOWN: { status: 404, message: 'There is no such session of yours.' },
} as const satisfies ErrorCatalogue<string>;

export const identityError = errorMaker(IDENTITY_ERRORS);
