export type * from './contract.ts';
export { createLive, type LiveLimits, type LiveOptions } from './live.ts';
export { liveModule } from './schema.ts';
