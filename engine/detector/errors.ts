import { errorMaker, type ErrorCatalogue } from '@vong/platform/errors';

/** Errors of the detector. */
export const DETECTOR_ERRORS = {
  DETECTOR_PIPELINE: { status: 500, message: 'The processing pipeline {file} cannot be used (line {line}): {reason}' },
  DETECTOR_PIPELINES_UNREADABLE: { status: 500, message: 'The directory of processing pipelines {directory} cannot be read: {reason}' },
} as const satisfies ErrorCatalogue<string>;

export const detectorError = errorMaker(DETECTOR_ERRORS);
