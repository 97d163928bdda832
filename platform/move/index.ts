export { MOVE_ERRORS, moveError } from './errors.ts';
export { moveModule, refuseUnfinished } from './schema.ts';
export type { MoveRow, MoveTables } from './schema.ts';
