/** What a password must satisfy. The server decides; this says so while typing. */
export const MIN_PASSWORD = 12;

export interface PasswordRule {
  readonly id: 'length' | 'varied' | 'name' | 'obvious';
  readonly met: boolean;
}

const OBVIOUS =
  /^(password|passwordpassword|matkhau|mậtkhẩu|vonggac|vọnggác|vietnam|việtnam|administrator|quantri|quantrivien|qwerty|qwertyuiop|letmein|welcome|changeme)$/u;

export function passwordRules(password: string, name: string): PasswordRule[] {
  const plain = password.normalize('NFKC');
  const lower = plain.toLowerCase();
  return [
    { id: 'length', met: Array.from(plain).length >= MIN_PASSWORD },
    { id: 'varied', met: new Set(plain).size >= 5 },
    { id: 'name', met: plain !== '' && (name.length < 3 || !lower.includes(name.toLowerCase())) },
    { id: 'obvious', met: plain !== '' && !OBVIOUS.test(lower.replace(/[^\p{L}]/gu, '')) },
  ];
}

/** Where to go after signing in: a path of this console, never another site. */
export function safeTarget(to: unknown): string {
  if (typeof to !== 'string' || !/^\/(?![/\\])/.test(to) || to.startsWith('/sign-in')) return '/';
  return to;
}

/** As the server takes it: lower-case letters, digits, dots, underscores, hyphens; 2 to 63 of them. */
export function isUserName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{1,62}$/.test(name);
}
