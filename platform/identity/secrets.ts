import { hash } from 'node:crypto';

/** What is stored of a 256-bit random secret: enough to find it again, nothing to use. (Passwords get argon2id instead.) */
export function secretHash(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** Waits for the note of a last use, whether or not it could be written: people go on reading when the disk is full. */
export async function touched(writing: Promise<unknown>): Promise<void> {
  await writing.catch(() => undefined);
}
