import { errorMaker, type ErrorCatalogue } from '../errors/index.ts';

export const CONFIG_ERRORS = {
  CONFIG_INVALID: { status: 500, message: 'The configuration is not valid:\n{problems}\nSee docs/reference/configuration.md.' },
} as const satisfies ErrorCatalogue<string>;

export const configError = errorMaker(CONFIG_ERRORS);
