import { errorMaker, type ErrorCatalogue } from '../errors/index.ts';

export const REDIS_ERRORS = {
  REDIS_ADDRESS: { status: 500, message: 'The address of Redis cannot be used: {reason}.' },
} satisfies ErrorCatalogue<string>;

export const redisError = errorMaker(REDIS_ERRORS);
