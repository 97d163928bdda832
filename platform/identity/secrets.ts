import { hash } from 'node:crypto';

/** What is stored of a 256-bit random secret: enough to find it again, nothing to use. (Passwords get argon2id instead.) */
export function secretHash(secret: string): string {
  return hash('sha256', secret, 'hex');
}
