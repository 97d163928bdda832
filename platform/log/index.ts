export type * from './contract.ts';
export { partitionOf } from './contract.ts';
