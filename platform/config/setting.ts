import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** One setting: a variable of the environment and a key of the file, how its text is read, what it may be, what it means. */
export interface Setting<Kind extends TSchema = TSchema> {
  readonly variable: `VONG_${string}`;
  /** Where it stands in the file: `name` or `group.name`. */
  readonly key: string;
  /** Used when it is given nowhere, in the words a person would write; empty: a setting without a default. */
  readonly fallback: string;
  /** One or two sentences for the reference page. */
  readonly about: string;
  /** What the text must look like, completing "must be …". */
  readonly form: string;
  /** The value of the text; undefined when it cannot be one. */
  readonly read: (text: string) => unknown;
  /** What the value must be. */
  readonly kind: Kind;
  /** In the file it may also be written as a YAML list. */
  readonly list?: true;
  /** `always`: the text is a secret. `in-url`: it is one when it holds a password. What is secret is never shown. */
  readonly secret?: 'always' | 'in-url';
}

/** Keeps the precise type of the setting's value. */
export function setting<Kind extends TSchema>(options: Setting<Kind>): Setting<Kind> {
  return options;
}

/** The text of a setting and where it was found, in words: `VONG_DATA`, `data (vong.yaml:3:7)`. */
export interface Given {
  readonly text: string;
  readonly where: string;
}

export type Outcome = { readonly value: unknown } | { readonly problem: string };

/** The value of what was given, or a plain sentence that says what is wrong; never shows a secret. */
export function valueOf(from: Setting, given: Given | undefined): Outcome {
  const text = given?.text ?? from.fallback;
  const value: unknown = from.read(text);
  if (value !== undefined && Value.Check(from.kind, value)) return { value };
  const shown = from.secret === undefined ? `is ${JSON.stringify(text.slice(0, 200))} and ` : '';
  return { problem: `${given?.where ?? from.variable} ${shown}must be ${from.form}.` };
}

/** Whether this text of the setting is something only the server may know. */
export function holdsSecret(from: Setting, text: string): boolean {
  return from.secret === 'always' || (from.secret === 'in-url' && /:\/\/[^/]*:[^/]*@/.test(text));
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

/** A list separated by commas; `none` and empty text give an empty list. */
export function readList(text: string): string[] {
  if (text.toLowerCase() === 'none') return [];
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** `on` or `off`; YAML's own words for it, true and false, are understood too. */
export function readSwitch(text: string): boolean | undefined {
  return new Map([
    ['on', true],
    ['true', true],
    ['off', false],
    ['false', false],
  ]).get(text.toLowerCase());
}
