import { MODULES } from '../../roles/modules.ts';

/** Names of every migration this program knows, in the order they run. */
export function knownMigrations(): string[] {
  return MODULES.flatMap(({ migrations }) => Object.keys(migrations)).toSorted();
}
