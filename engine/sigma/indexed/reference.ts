import { fold } from '../match/fold.ts';
import type { Test } from '../model.ts';

/** `fieldref`: how the text of one field must stand in that of the other. */
export function makeReference({ position, cased }: Test & { kind: 'fieldref' }, needle: string): (text: string) => boolean {
  const prepare = (text: string): string => (cased ? text : fold(text));
  const other = prepare(needle);
  if (position === 'startswith') return (text) => prepare(text).startsWith(other);
  if (position === 'endswith') return (text) => prepare(text).endsWith(other);
  return position === 'contains' ? (text) => prepare(text).includes(other) : (text) => prepare(text) === other;
}
