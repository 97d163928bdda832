import { errorMaker } from '@vong/platform/errors';
import type { ErrorCatalogue } from '@vong/platform/errors';

export const REPLAY_ERRORS = {
  REPLAY_MISSING: { status: 404, message: 'There is no replay {id}.' },
  REPLAY_TOO_MANY: { status: 429, message: '{limit} replays are running already; wait for one to end, or cancel one.' },
  REPLAY_NO_EVENTS: { status: 422, message: 'The recording {name} holds no events: {reason}' },
  REPLAY_REFUSED: { status: 502, message: 'The gateway refused the events ({status}): {reason}' },
  REPLAY_UNREACHABLE: { status: 502, message: 'The gateway at {server} could not be reached for {seconds} s: {reason}' },
  RECORDING_STORE_FULL: { status: 507, message: 'Uploaded recordings may take {limit} bytes together; there is no room for another.' },
  RECORDING_NOT_STORED: { status: 507, message: 'The recording could not be stored: {reason}' },
} satisfies ErrorCatalogue<string>;

export const replayError = errorMaker(REPLAY_ERRORS);
