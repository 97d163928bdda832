import { errorMaker, type ErrorCatalogue } from '../errors/index.ts';

export const JOBS_ERRORS = {
  JOBS_BAD_REQUEST: { status: 500, message: 'The job {kind} cannot be added: {reason}.' },
  JOBS_HANDLED_TWICE: { status: 500, message: 'Jobs of the kind {kind} already have a handler.' },
} satisfies ErrorCatalogue<string>;

export const jobsError = errorMaker(JOBS_ERRORS);
