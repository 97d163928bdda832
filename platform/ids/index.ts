import { hash, randomBytes } from 'node:crypto';

/**
 * A deterministic id: 22 characters of base64url, 132 bits of SHA-256 over the parts. Equal parts give equal ids on every
 * machine, which is what makes a replay after a crash change nothing. Parts are joined with NUL, so ('a','b') ≠ ('ab').
 */
export function stableId(...parts: readonly string[]): string {
  return hash('sha256', parts.join('\0'), 'base64url').slice(0, 22);
}

/** A fresh random id: 22 characters of base64url, 128 bits. For things people create. */
export function randomId(): string {
  return randomBytes(16).toString('base64url');
}

/** A fresh secret: 43 characters of base64url, 256 bits. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}
