import { errorMaker, type ErrorCatalogue } from '@vong/platform/errors';

/** Errors of the rulebook. */
export const RULES_ERRORS = {
  RULES_NOT_FOUND: { status: 404, message: 'There is no rule {id}.' },
  RULES_ROOT_ONLY: { status: 403, message: 'Rules apply to every agency: only an administrator of the national centre may change them.' },
  RULES_UPLOAD_EMPTY: { status: 400, message: 'The upload holds no .yml or .yaml file. Send Sigma rules, or a zip of them.' },
  RULES_UPLOAD_INVALID: { status: 400, message: '{file} could not be read as a zip archive: {reason}' },
  RULES_UPLOAD_TOO_LARGE: { status: 413, message: 'The upload holds more than {limit}. Split it.' },
  RULES_AGENCY_UNKNOWN: { status: 404, message: 'There is no agency {agency} in your reach.' },
  RULES_VALUES_MANY: { status: 409, message: 'An agency may give values for {limit} placeholders. Take back those no rule uses.' },
} as const satisfies ErrorCatalogue<string>;

export const rulesError = errorMaker(RULES_ERRORS);
