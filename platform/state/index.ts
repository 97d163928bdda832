export type * from './contract.ts';
export { STATE_ERRORS } from './errors.ts';
export { openState } from './open.ts';
export type { StateOptions } from './open.ts';
export * from './copy/index.ts';
