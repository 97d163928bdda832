import { errorMaker } from '@vong/platform/errors';
import type { ErrorCatalogue } from '@vong/platform/errors';

export const RECORDING_ERRORS = {
  RECORDING_MISSING: { status: 404, message: 'There is no recording {name}.' },
  RECORDING_DAMAGED: { status: 422, message: 'Parts of the recording could not be read ({count}); the first: {reason}' },
  RECORDING_EXPANDS: { status: 422, message: 'The recording unpacks to more than {limit} bytes; it was not read further.' },
  RECORDING_TOO_LARGE: { status: 413, message: 'A recording may have at most {limit} bytes.' },
  RECORDING_EMPTY: { status: 400, message: 'Send one file, with a name and with content.' },
  RECORDING_NAME: { status: 400, message: 'The file name {name} cannot be used; use letters, digits, dots and hyphens.' },
} satisfies ErrorCatalogue<string>;

export const recordingError = errorMaker(RECORDING_ERRORS);
