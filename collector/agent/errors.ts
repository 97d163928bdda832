import { errorMaker, type ErrorCatalogue } from '@vong/platform/errors';

export const AGENT_ERRORS = {
  AGENT_BAD_OPTIONS: { status: 400, message: 'The agent cannot be started like this: {reason}.' },
  AGENT_SPOOL_DAMAGED: {
    status: 500,
    message:
      'The spool {path} cannot be read: {reason}. Move it away and start again: sources are then read anew, and the gateway tells which batch number comes next.',
  },
  AGENT_NO_ROOM: { status: 503, message: 'The disk under {path} is full: a batch that is too large cannot be split until there is room.' },
  AGENT_SPOOL_NEWER: { status: 500, message: 'The spool {path} was written by a newer version ({found}) than this one ({known}).' },
} satisfies ErrorCatalogue<string>;

export const agentError = errorMaker(AGENT_ERRORS);
