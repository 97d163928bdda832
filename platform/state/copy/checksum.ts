/**
 * A sum over rows that says whether two tables hold the same, in whatever order they are read: each row as canonical text, hashed,
 * added up modulo 2^128. A row twice changes the sum, and two differences do not cancel out each other but by chance.
 */
import { hash } from 'node:crypto';

export type Value = string | number | bigint | Uint8Array | null;
export type Row = Readonly<Record<string, Value>>;

const MODULUS = 1n << 128n;

export class Checksum {
  #sum: bigint;
  #count: number;

  /** Goes on from what `text` and `count` said. */
  constructor(text = '0', count = 0) {
    this.#sum = BigInt(`0x${text}`);
    this.#count = count;
  }

  add(text: string): void {
    this.#sum = (this.#sum + BigInt(`0x${hash('sha256', text, 'hex').slice(0, 32)}`)) % MODULUS;
    this.#count++;
  }

  /** As if everything added to the other had been added here. */
  join(other: Checksum): void {
    this.#sum = (this.#sum + other.#sum) % MODULUS;
    this.#count += other.#count;
  }

  get count(): number {
    return this.#count;
  }

  /** 32 hexadecimal digits. */
  get text(): string {
    return this.#sum.toString(16).padStart(32, '0');
  }
}

/** Equal for rows that hold the same, whichever database they are read from. */
export function rowText(row: Row, columns: readonly string[]): string {
  return JSON.stringify(columns.map((column) => plain(row[column] ?? null)));
}

/** PostgreSQL has no NUL in a text: its place is taken as `postgres/values.ts` writes it. */
function plain(value: Value): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\ufffd');
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') };
  return value;
}
