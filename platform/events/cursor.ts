import { eventsError } from './errors.ts';

/** The place of an event in time order: its time, then its id. */
export interface Place {
  readonly at: number;
  readonly id: string;
}

export function encodeCursor(place: Place): string {
  return Buffer.from(JSON.stringify([place.at, place.id])).toString('base64url');
}

/** @throws EVENTS_CURSOR_INVALID */
export function decodeCursor(cursor: string): Place {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor.slice(0, 2048), 'base64url').toString());
    if (Array.isArray(value) && Number.isSafeInteger(value[0]) && typeof value[1] === 'string')
      return { at: Number(value[0]), id: value[1] };
  } catch {
    // falls through to the one error
  }
  throw eventsError('EVENTS_CURSOR_INVALID');
}
