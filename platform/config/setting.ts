import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** One environment variable: how it is read, what it may be, what it means. */
export interface Setting<Kind extends TSchema = TSchema> {
  readonly variable: `VONG_${string}`;
  /** Used when the variable is missing or empty, in the words a person would write. */
  readonly fallback: string;
  /** One or two sentences for the reference page. */
  readonly about: string;
  /** What the text must look like, completing "must be …". */
  readonly form: string;
  /** The value of the text; undefined when it cannot be one. */
  readonly read: (text: string) => unknown;
  /** What the value must be. */
  readonly kind: Kind;
}

/** Keeps the precise type of the setting's value. */
export function setting<Kind extends TSchema>(options: Setting<Kind>): Setting<Kind> {
  return options;
}

export type Outcome = { readonly value: unknown } | { readonly problem: string };

/** The setting's value in this environment, or a plain sentence that says what is wrong. */
export function valueOf(from: Setting, env: Readonly<Record<string, string | undefined>>): Outcome {
  const given = env[from.variable]?.trim() ?? '';
  const value: unknown = from.read(given === '' ? from.fallback : given);
  if (value !== undefined && Value.Check(from.kind, value)) return { value };
  return { problem: `${from.variable} is ${JSON.stringify(given.slice(0, 200))} and must be ${from.form}.` };
}

/** Text of the form `20GiB`, `500 MB` or `1024`, in bytes; `none` for no limit (null). */
export function readBytes(text: string): number | null | undefined {
  if (text.toLowerCase() === 'none') return null;
  const [, number, unit = 'b'] = /^(\d{1,15}(?:\.\d{1,3})?)\s*([kmgt]i?b|b)?$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  const power = 'bkmgt'.indexOf(unit.charAt(0).toLowerCase());
  return Math.round(Number(number) * (unit.toLowerCase().includes('i') ? 1024 : 1000) ** power);
}

/** A number in some unit, in another; `none` for no limit (null). */
export function readTimes(factor: number): (text: string) => number | null | undefined {
  return (text) => {
    if (text.toLowerCase() === 'none') return null;
    return /^\d{1,9}(?:\.\d{1,3})?$/.test(text) ? Math.round(Number(text) * factor) : undefined;
  };
}

/** A list separated by commas; empty text gives an empty list. */
export function readList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
