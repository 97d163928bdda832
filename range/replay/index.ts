/** Replays of recordings through the front door: as a service of the server, and for the command line. */
export { replaysApi } from './api.ts';
export { REPLAY_ERRORS } from './errors.ts';
export { UPLOAD_BYTES, type Recordings } from './recordings.ts';
export { replayFile, type ReplayFileOptions, type ReplayProgress, type ReplayResult } from './replay-file.ts';
export { replaysModule, type ReplayTables } from './schema.ts';
export { createReplays, type Replays, type ReplaysDeps } from './service.ts';
