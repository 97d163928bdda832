/**
 * Regular expressions of pipelines, which are as untrusted as those of rules: what the package's own flavour refuses is refused
 * here, and a text on which an expression could be slow is never given to it.
 */
import { SigmaError, type Place } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { compileRegex } from '../regex/compile.ts';
import { refuse } from './params.ts';

function checked<Result>(pattern: string, place: Place, compile: () => Result): Result {
  try {
    return compile();
  } catch (error) {
    return refuse(
      `the regular expression "${pattern.slice(0, 100)}" cannot be used: ${error instanceof Error ? error.message : ''}`,
      place,
    );
  }
}

/** True for texts that start with a match, as pySigma's `re.match`. Throws `SIGMA_REGEX_BUDGET` for a text that would cost too much. */
export function matcherAtStart(pattern: string, place: Place): (text: string) => boolean {
  const regex = checked(pattern, place, () => {
    compileRegex(pattern, '');
    return compileRegex(`\\A(?:${pattern})`, '');
  });
  return (text) => regex.test(text);
}

/** Replaces every match; the replacement may name groups (`\1`, `\g<1>`, `\g<name>`), as pySigma's `re.sub`. */
export function replacer(pattern: string, replacement: string, place: Place): (text: string) => string {
  const safe = checked(pattern, place, () => compileRegex(pattern, ''));
  const native = checked(pattern, place, () => toNative(pattern));
  const groups = new RegExp(`${native.source}|`, native.flags.replace('g', '')).exec('');
  const count = (groups?.length ?? 1) - 1;
  const template = readTemplate(replacement, { count, names: Object.keys(groups?.groups ?? {}), place });
  return (text) => {
    if (!safe.isNative(text)) throw new SigmaError('SIGMA_REGEX_BUDGET', { pattern });
    const result = text.replace(native, (...found: unknown[]) => fill(template, found));
    if (result.length > LIMITS.valueLength) throw new SigmaError('SIGMA_LIMIT', { reason: 'a replaced value is too long' });
    return result;
  };
}

type Template = readonly (string | { readonly group: number | string })[];

function fill(template: Template, found: readonly unknown[]): string {
  const last = found.at(-1);
  const named = new Map(typeof last === 'object' && last !== null ? Object.entries(last) : []);
  return template
    .map((part) => {
      if (typeof part === 'string') return part;
      const value = typeof part.group === 'number' ? found[part.group] : named.get(part.group);
      return typeof value === 'string' ? value : '';
    })
    .join('');
}

function readTemplate(text: string, known: { count: number; names: readonly string[]; place: Place }): Template {
  const template: (string | { group: number | string })[] = [];
  let last = 0;
  for (const found of text.matchAll(/\\(?:(\d{1,2})|g<(\w+)>|([\s\S]))/g)) {
    template.push(text.slice(last, found.index));
    last = found.index + found[0].length;
    const group = found[1] ?? found[2];
    if (group === undefined) template.push(escaped(found[3] ?? '', known.place));
    else {
      const number = /^\d+$/.test(group) ? Number(group) : undefined;
      if (number === undefined ? !known.names.includes(group) : number > known.count)
        refuse(`the replacement names a group "${group}" that the expression does not have`, known.place);
      template.push({ group: number ?? group });
    }
  }
  template.push(text.slice(last));
  return template;
}

function escaped(letter: string, place: Place): string {
  const known = new Map([
    ['n', '\n'],
    ['t', '\t'],
    ['r', '\r'],
    ['\\', '\\'],
  ]);
  const text = known.get(letter) ?? (/[A-Za-z]/.test(letter) ? undefined : `\\${letter}`);
  return text ?? refuse(`the replacement has an unknown escape "\\${letter}"`, place);
}

/** The expression, already checked by the package's parser, as JavaScript writes it. Throws an `Error` that says what cannot be. */
function toNative(pattern: string): RegExp {
  const inline = /^\(\?([ims]+)\)/.exec(pattern);
  const flags = inline?.[1] ?? '';
  let source = '';
  let rest = pattern.slice(inline?.[0].length ?? 0);
  while (rest !== '') {
    const [taken, written] = nextPiece(rest, flags);
    source += written;
    rest = rest.slice(taken);
  }
  return new RegExp(source, `g${['i', 'm'].filter((flag) => flags.includes(flag)).join('')}`);
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['A', '(?<![\\s\\S])'],
  ['Z', '(?=\\n?(?![\\s\\S]))'],
  ['z', '(?![\\s\\S])'],
  ['h', '[ \\t]'],
  ['H', '[^ \\t]'],
  ['a', '\\x07'],
  ['e', '\\x1b'],
]);

/** How many characters of the expression the next piece takes, and how it is written. */
function nextPiece(rest: string, flags: string): [number, string] {
  const [first = ''] = rest;
  if (first === '\\') {
    const hex = /^\\[xu]\{([0-9a-f]{1,4})\}/i.exec(rest);
    if (hex !== null) return [hex[0].length, `\\u${(hex[1] ?? '').padStart(4, '0')}`];
    return [2, ESCAPES.get(rest.charAt(1)) ?? rest.slice(0, 2)];
  }
  if (first === '[') return bracket(rest);
  if (first === '.') return [1, flags.includes('s') ? '[\\s\\S]' : '[^\\n]'];
  if (first === '$' && !flags.includes('m')) return [1, '(?=\\n?(?![\\s\\S]))'];
  if (rest.startsWith('(?P<')) return [4, '(?<'];
  if (/^\(\?[ims-]*[ims-][:)]/.test(rest)) throw new Error('flags may only stand at its start here');
  return [1, first];
}

/** A character class: only a bracket that comes first, and `\h`, are written differently. */
function bracket(rest: string): [number, string] {
  const found = /^\[(\^?)(\]?)((?:\\[\s\S]|[^\\\]])*)\]/.exec(rest);
  if (found === null) throw new Error('a character class is not closed');
  const inner = (found[3] ?? '').replace(/\\([\s\S])/g, (whole, letter: string) =>
    letter === 'h' ? ' \\t' : letter === 'a' ? '\\x07' : whole,
  );
  return [found[0].length, `[${found[1] ?? ''}${found[2] === ']' ? '\\]' : ''}${inner}]`];
}
