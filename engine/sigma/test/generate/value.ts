/** Values that pass one test of a rule, or nearly do. */
import { ANY, ONE, type StringTest, type Test } from '../../model.ts';
import type { Random } from './random.ts';

/** Letters whose other case is easily got wrong: Vietnamese, Turkish, German, Greek, the Kelvin sign, letters beyond 16 bits. */
const ODD = [
  'đ',
  'Đ',
  'ặ',
  'Ặ',
  'İ',
  'ı',
  'ß',
  'ẞ',
  'Σ',
  'ς',
  'σ',
  '\u212A',
  'k',
  '𐐀',
  '𐐨',
  'ſ',
  'ﬁ',
  '\uD800',
  '\u0000',
  '\n',
  '"',
  '\\',
  '/',
  '\u2028',
];
const DASHES = ['-', '/', '\u2013', '\u2014', '\u2015'];
const FILL = ['', ' ', 'x', '\\', '-', '*', '?', 'C:\\', 'aaaa', '1', 'đ', '\u0130', '.exe', '\n'];

/** A value that passes the test as it is, often; for an expression only a text that holds its letters. */
export function passing(test: Test, random: Random): unknown {
  if (test.kind === 'string') return passingText(test, random);
  if (test.kind === 'compare') return random.pick([test.value - 1, test.value, test.value + 1, String(test.value), `${test.value}0`]);
  if (test.kind === 'cidr') return address(test.network, random);
  if (test.kind === 'regex') return fill(random) + regexText(test.pattern, random) + fill(random);
  return random.pick([null, '', 'x', 0, false]);
}

function passingText(test: StringTest, random: Random): string {
  const parts = test.parts.map((part) => {
    if (part === ANY) return random.chance(50) ? '' : fill(random) + fill(random);
    if (part === ONE) return random.pick(['x', 'đ', '?', '\n', random.chance(10) ? '𐐀' : 'y']);
    if (typeof part !== 'string') return '';
    const text = test.dashes ? Array.from(part, (unit) => (DASHES.includes(unit) ? random.pick(DASHES) : unit)).join('') : part;
    return test.cased && random.chance(80) ? text : otherCase(text, random);
  });
  return parts.join('');
}

export function otherCase(text: string, random: Random): string {
  const how = random.below(5);
  if (how === 0) return text.toUpperCase();
  if (how === 1) return text.toLowerCase();
  if (how === 2) return Array.from(text, (unit) => (random.chance(50) ? unit.toUpperCase() : unit.toLowerCase())).join('');
  return how === 3 ? text.replace(/[kK]/, '\u212A') : text;
}

function fill(random: Random): string {
  return random.chance(20) ? random.pick(ODD) : random.pick(FILL);
}

/** Letters of an expression in their order, with what stands for many read as one of them. */
function regexText(pattern: string, random: Random): string {
  return pattern
    .replace(/\(\?[a-z]*:?|\{\d+,?\d*\}|\[\^[^\]]*\]/g, random.pick(['', 'x', 'zz']))
    .replace(/\[(.)[^\]]*\]/g, '$1')
    .replace(/\\([dwsb.])/g, (_, letter: string) => ({ d: '7', w: 'w', s: ' ', b: '', '.': '.' })[letter] ?? '')
    .replace(/[()^$*+?|]/g, '');
}

function address(network: readonly number[], random: Random): string {
  const words = [...network];
  if (random.chance(60)) words[words.length - 1] = (words.at(-1) ?? 0) ^ random.below(65_536);
  if (random.chance(20)) words[0] = (words[0] ?? 0) ^ random.pick([1, 256, 0x8000]);
  if (words.length > 2) return words.map((word) => word.toString(16)).join(':');
  return words.map((word) => `${word >> 8}.${word & 255}`).join('.');
}

/** The value a little wrong, or the same in another form. */
export function nearMiss(value: unknown, random: Random): unknown {
  const how = random.below(14);
  if (how === 0) return [value, random.pick(['', null, 'other', 7])];
  if (how === 1) return [[value], { inner: value }];
  if (how === 2) return [];
  if (how === 3) return null;
  if (how === 4) return { text: value };
  if (how === 5 && typeof value === 'string' && /^-?\d{1,15}$/.test(value)) return Number(value);
  if (how === 5) return String(value).toLowerCase() === 'true';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const at = random.below(text.length + 1);
  if (how === 6) return text.slice(0, at) + text.slice(at + 1);
  if (how === 7) return text.slice(0, at) + random.pick(ODD) + text.slice(at);
  if (how === 8) return text.slice(0, at) + random.pick(ODD) + text.slice(at + 1);
  if (how === 9) return `${text}${text}`;
  if (how === 10) return fill(random).repeat(random.below(3_000)) + text;
  if (how === 11) return text + fill(random).repeat(random.below(3_000));
  return how === 12 ? ` ${text}` : otherCase(text, random);
}
