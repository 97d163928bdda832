/**
 * Passwords as argon2id (RFC 9106) PHC strings, with the parameters OWASP's Password Storage Cheat Sheet names first
 * (19 MiB, 2 passes, 1 lane). At most two hashes run at once and a bounded number waits: sign-in cannot eat the memory or
 * the thread pool of the machine.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { identityError } from './errors.ts';

const derive = promisify(argon2);

const COST = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const TAG_BYTES = 32;
const SALT_BYTES = 16;
const CONCURRENT = 2;
const WAITING = 40;
const MIN_LENGTH = 12;
export const MAX_PASSWORD_LENGTH = 256;

const PHC = /^\$argon2id\$v=19\$m=(\d{1,6}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22,64})\$([A-Za-z0-9+/]{22,128})$/;

/** Hashes and checks passwords; one per process, so that its limits hold for the process. */
export interface Passwords {
  /** A PHC string. Rejects with IDENTITY_BUSY when too many hashes wait. */
  hash(password: string): Promise<string>;
  /** True when the password matches. Takes as long for `null` (no such user, no password yet), and is then false. */
  verify(password: string, stored: string | null): Promise<boolean>;
}

export function createPasswords(): Passwords {
  const slot = createSlots();
  const decoy = { salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES), ...COST };
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      const tag = await slot(() => tagOf(password, salt, COST));
      return `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${base64(salt)}$${base64(tag)}`;
    },
    async verify(password, stored) {
      const parsed = stored === null ? undefined : parse(stored);
      const known = parsed ?? decoy;
      const tag = await slot(() => tagOf(password, known.salt, known));
      return tag.length === known.tag.length && timingSafeEqual(tag, known.tag) && parsed !== undefined;
    },
  };
}

/** Throws IDENTITY_PASSWORD_WEAK with the reason. Length over composition rules, as NIST SP 800-63B asks. */
export function checkPassword(password: string, name: string): void {
  const plain = password.normalize('NFKC');
  if (Array.from(plain).length < MIN_LENGTH) throw weak(`it needs at least ${MIN_LENGTH} characters`);
  if (plain.length > MAX_PASSWORD_LENGTH) throw weak(`it has more than ${MAX_PASSWORD_LENGTH} characters`);
  if (new Set(plain).size < 5) throw weak('it repeats too few different characters');
  const letters = plain.toLowerCase().replace(/[^\p{L}]/gu, '');
  if (name.length >= 3 && plain.toLowerCase().includes(name.toLowerCase())) throw weak('it contains the user name');
  if (OBVIOUS.has(letters)) throw weak('it is easy to guess');
}

const OBVIOUS = new Set([
  'password',
  'passwordpassword',
  'matkhau',
  'mậtkhẩu',
  'vonggac',
  'vọnggác',
  'vietnam',
  'việtnam',
  'administrator',
  'quantri',
  'quantrivien',
  'qwerty',
  'qwertyuiop',
  'abcdefghijkl',
  'letmein',
  'welcome',
  'changeme',
]);

function weak(reason: string): Error {
  return identityError('IDENTITY_PASSWORD_WEAK', { reason });
}

interface Cost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

// The same words typed with different Vietnamese keyboards differ in composition: NFKC makes them one password.
function tagOf(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  const { memory, passes, parallelism } = cost;
  return derive('argon2id', { message: password.normalize('NFKC'), nonce: salt, memory, passes, parallelism, tagLength: TAG_BYTES });
}

function parse(stored: string): (Cost & { salt: Buffer; tag: Buffer }) | undefined {
  const [, memory, passes, parallelism, salt, tag] = PHC.exec(stored) ?? [];
  if (salt === undefined || tag === undefined) return undefined;
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  return { ...cost, salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') };
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

function createSlots(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= CONCURRENT) {
      if (waiting.length >= WAITING) throw identityError('IDENTITY_BUSY', { retryAfterSeconds: 2 });
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
