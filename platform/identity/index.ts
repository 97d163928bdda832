export { reaches } from './scope.ts';
export type { Actor, Role, Scope } from './scope.ts';
