export type * from './contract.ts';
export { partitionOf } from './contract.ts';
export { connectLog, type LogSource } from './connect.ts';
export { openLog } from './embedded.ts';
export type { EmbeddedLogOptions } from './embedded.ts';
export { LOG_ERRORS, logError } from './errors.ts';
export { lockDataDirectory } from './lock.ts';
export type { DirectoryLock } from './lock.ts';
export { OwnedPartitions, type OwnedOptions } from './owned.ts';
