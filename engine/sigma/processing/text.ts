/** Values of rules as the texts a pipeline's author sees: wildcards as `*` and `?`, placeholders as `%name%`. */
import { ANY, ONE, type Part, type StringTest } from '../model.ts';
import { parseString, splitPlaceholders, tidy } from '../parse/string.ts';

/** `*` and `?` that are no wildcards are written `\*` and `\?`; a backslash stands for itself. */
export function textOf(parts: readonly Part[]): string {
  return parts.map((part) => textOfPart(part)).join('');
}

function textOfPart(part: Part): string {
  if (part === ANY) return '*';
  if (part === ONE) return '?';
  return typeof part === 'string' ? part.replace(/[*?]/g, '\\$&') : `%${part.placeholder}%`;
}

/**
 * The value such a text stands for. In `C:\Windows\*` the backslash would escape the wildcard; it does so only where the value it
 * came from had literal `*` or `?`, else paths would lose their wildcards.
 */
export function partsOf(text: string, from: readonly Part[] = []): Part[] {
  const literal = from.some((part) => typeof part === 'string' && /[*?]/.test(part));
  const doubled = text.replace(literal ? /\\(?![*?])/g : /\\/g, '\\\\');
  const parts = parseString(doubled);
  return tidy(from.some((part) => typeof part === 'object') ? splitPlaceholders(parts) : parts);
}

export function sameParts(a: readonly Part[], b: readonly Part[]): boolean {
  return a.length === b.length && a.every((part, index) => samePart(part, b[index]));
}

function samePart(a: Part, b: Part | undefined): boolean {
  if (typeof a === 'object') return typeof b === 'object' && a.placeholder === b.placeholder;
  return a === b;
}

/** The test with other parts. */
export function withParts(test: StringTest, parts: readonly Part[]): StringTest {
  return { ...test, text: textOf(parts), parts };
}
