export type * from './contract.ts';
export type * from './ecs.ts';
