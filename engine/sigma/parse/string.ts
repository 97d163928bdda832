/** Sigma strings: wildcards and their escapes (specification: String Wildcard, Escape Character). */
import { ANY, ONE, type Part } from '../model.ts';

/**
 * Splits a value into literal text and wildcards. `\*`, `\?` and `\\` are plain characters; a backslash before anything else is
 * itself plain (so three backslashes and four both become two).
 */
export function parseString(text: string): Part[] {
  const parts: Part[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal !== '') parts.push(literal);
    literal = '';
  };
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    const next = text.charAt(index + 1);
    if (character === '\\' && (next === '*' || next === '?' || next === '\\')) {
      literal += next;
      index++;
    } else if (character === '*' || character === '?') {
      flush();
      if (character === '?') parts.push(ONE);
      else if (parts.at(-1) !== ANY) parts.push(ANY);
    } else literal += character;
  }
  flush();
  return parts;
}

/** Splits literals at `%name%`; `\%` is a plain percent sign (specification: Placeholders). */
export function splitPlaceholders(parts: readonly Part[]): Part[] {
  return parts.flatMap((part) => (typeof part === 'string' ? placeholdersOf(part) : [part]));
}

function placeholdersOf(literal: string): Part[] {
  const parts: Part[] = [];
  let text = '';
  const pattern = /\\%|%(\w+)%/g;
  let last = 0;
  for (const found of literal.matchAll(pattern)) {
    text += literal.slice(last, found.index);
    last = found.index + found[0].length;
    if (found[1] === undefined) text += '%';
    else {
      if (text !== '') parts.push(text);
      text = '';
      parts.push({ placeholder: found[1] });
    }
  }
  text += literal.slice(last);
  if (text !== '') parts.push(text);
  return parts;
}

/** Joins adjacent literals and adjacent `*`. */
export function tidy(parts: readonly Part[]): Part[] {
  const result: Part[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (typeof part === 'string' && typeof last === 'string') result[result.length - 1] = last + part;
    else if (part === '' || (part === ANY && last === ANY)) continue;
    else result.push(part);
  }
  return result;
}

/** The plain text of a value without wildcards and placeholders; undefined if it has any. */
export function plainText(parts: readonly Part[]): string | undefined {
  let text = '';
  for (const part of parts) {
    if (typeof part !== 'string') return undefined;
    text += part;
  }
  return text;
}
