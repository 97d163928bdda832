/**
 * JSON from outside: depth is known before anything walks the value, and no key can reach a prototype.
 * `JSON.parse` itself neither recurses nor touches prototypes; what would be unsafe is what comes after it.
 */
export type JsonObject = Record<string, unknown>;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** True when brackets outside strings nest deeper than `limit`. One pass, no allocation, also for text that is not JSON. */
export function deeperThan(text: string, limit: number): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      i = endOfString(text, i);
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > limit) return true;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth--;
    }
  }
  return false;
}

/** Index of the quote that closes the string opened at `open`, or the text's length. */
function endOfString(text: string, open: number): number {
  let close = text.indexOf('"', open + 1);
  while (close > 0 && escaped(text, close, open)) close = text.indexOf('"', close + 1);
  return close < 0 ? text.length : close;
}

function escaped(text: string, quote: number, open: number): boolean {
  let slashes = 0;
  for (let i = quote - 1; i > open && text.charCodeAt(i) === BACKSLASH; i--) slashes++;
  return slashes % 2 === 1;
}

/** The object in the text, or undefined when it is not one. Keys named `__proto__` are removed at every level. */
export function parseObject(text: string): JsonObject | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  // A key can also be spelled with \u escapes of its letters, whose codes are 5f, 6f, 70, 72 and 74.
  if (text.includes('__proto__') || (text.includes('\\u00') && /\\u00[567]/i.test(text))) dropPrototypeKeys(value);
  return value;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function dropPrototypeKeys(value: unknown): void {
  const open: unknown[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (isObject(next)) {
      if (Object.hasOwn(next, '__proto__')) delete next['__proto__'];
      for (const child of Object.values(next)) if (typeof child === 'object' && child !== null) open.push(child);
    } else if (Array.isArray(next)) {
      for (const child of next) if (typeof child === 'object' && child !== null) open.push(child);
    }
  }
}

/** The value as text when it is text or a number, else undefined. Empty text counts as absent. */
export function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** A decimal or `0x` hexadecimal whole number, else undefined. */
export function integer(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (typeof value !== 'string' || value === '' || value.length > 18) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}
