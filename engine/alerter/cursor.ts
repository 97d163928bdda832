import { alertError } from './errors.ts';

export type CursorKey = readonly (string | number)[];

/** A place in a list, as text that a caller hands back untouched. */
export function encodeCursor(kind: string, key: CursorKey): string {
  return Buffer.from(JSON.stringify([kind, ...key])).toString('base64url');
}

/** The key, when the cursor is of this kind and every part has the type of the part in `like`. */
export function decodeCursor<Key extends CursorKey>(kind: string, like: Key, cursor: string): Key {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(parsed) && parsed[0] === kind && parsed.length === like.length + 1) {
      const key: unknown[] = parsed.slice(1);
      if (isLike(key, like)) return key;
    }
  } catch {
    // answered below, like every other cursor that is not ours
  }
  throw alertError('ALERT_BAD_CURSOR');
}

function isLike<Key extends CursorKey>(key: unknown[], like: Key): key is unknown[] & Key {
  return key.every((part, i) => typeof part === typeof like[i] && (typeof part !== 'number' || Number.isFinite(part)));
}
