/** Expressions and texts made to hurt each other. */
import type { Random } from './generate/random.ts';

const row = (piece: string, units: number): string => piece.repeat(Math.ceil(units / piece.length)).slice(0, units);
const scripts = Array.from({ length: 3_000 }, (_, index) => String.fromCharCode(256 + 2 * index)).join('');
const ladder = Array.from({ length: 400 }, (_, index) => 'x'.repeat(index % 150) + 'y'.repeat((index * 7) % 130)).join('');

/** What the counted bound is held on, and what is timed first. */
export const HOSTILE: readonly (readonly [pattern: string, text: string])[] = [
  ['(a+)+$', `${row('a', 30_000)}!`],
  ['(a|aa)+$', `${row('a', 30_000)}!`],
  ['a{1000}{3,}', `${row('a', 20_000)}b`],
  ['(.{1,90}a){1,90}b', row('xa', 10_000) + row('Q', 10_000)],
  ['(a?){500}a{500}b', row('a', 10_000)],
  ['.*.*.*.*=.*', row('a ', 40_000)],
  ['([ab]*a){1,20}[^ab]', row('ab', 40_000)],
  ['(x{1,200}y{1,200}){1,20}z', ladder],
  [`([${scripts}]|a|b){50,200}q`, row('ab\u0100\u0102', 16_000)],
];

/** Beside those: what is timed, at lengths that the engine lets through to its native half as well. */
export const COSTLY: readonly (readonly [pattern: string, text: string])[] = [
  ...[
    '(a+)+$',
    '(a|a)*b',
    '(.*)*x',
    '(.*a){12}b',
    '(?:a?){30}a{30}$',
    '(a*)*b',
    '([a-z]+)+[A-Z]',
    '(\\w+\\s?)+$',
    '(a{1,30}){1,30}b',
  ].flatMap((pattern) => [10, 30, 100, 300, 1_000, 3_000, 10_000].map((units) => [pattern, `${row('a', units)}!`] as const)),
  ...[
    'a.*b.*c',
    '.*a.*b',
    'a.*b.*c.*d',
    '\\s+$',
    '(?:a|b|c|d)+e',
    'x*x*y',
    '[ab]{1,50}c',
    '(?i)straße.*ẞ',
    '\\ba.*\\bb',
    'a.{0,200}b',
  ].flatMap((pattern) => [100, 500, 2_000, 20_000, 200_000, 1_000_000].map((units) => [pattern, row('abab ', units)] as const)),
  ...[
    '[^a]{1000,}',
    '.{1000,}b?',
    '(?s).{1000}$',
    '(?i)[à-ž]{3,}x',
    `[${scripts}]{2,9}z`,
    '(?i)(đ|ơ|ư)+\\d',
    '^.*(\\.exe|\\.dll)$',
  ].flatMap((pattern) => [1_000, 10_000, 100_000, 1_000_000].map((units) => [pattern, row('Đườngêž\u0100\u0102', units)] as const)),
  ['(?m)^(?:a|b)*$', row('ab\n', 50_000)],
  ['(?m)(^a*\\n)*b', row('a\n', 50_000)],
  ['(\\b|a)*\\Bb', row('a ', 50_000)],
  ['a?'.repeat(400) + 'a'.repeat(400), row('a', 399)],
  [Array.from({ length: 900 }, (_, index) => `a${index.toString(36)}z`).join('|'), row('a1', 20_000)],
  [Array.from({ length: 500 }, (_, index) => `(?:a${index.toString(36)}.*z)`).join('|'), row('a1 a2 b', 3_000)],
  ['(?:[01]*1[01]{12}){2}2', row('01101', 20_000)],
  ['1[01]{20}2', Array.from({ length: 20_000 }, (_, index) => ((index * index * 7 + (index >> 3)) % 3 === 0 ? '1' : '0')).join('')],
];

/** Costly for a backtracking engine, which runs them on short texts. */
export const NATIVE: readonly string[] = [
  'a*b', 'a.*b', 'a.*b.*c', '.*a.*b', '(?:a|b){1,20}c', '(a{1,9}){1,4}b', 'a{1,200}b', '[ab]{1,30}[ab]{1,30}c', '(?m)(?:^a|b$|a)*c', '(\\ba?)*c', '(?:a?b?){1,6}c', '^(?:a|b)*$', '\\w+\\s*=',
  `${'a'.repeat(200)}b.*x`, `${'a'.repeat(9)}.{0,9}x`, 'aa.{0,40}.{0,40}b', '(?i)đ+.*ế', '.{1,300}$', `(?:${Array.from({ length: 300 }, (_, index) => `a{1,3}${index}`).join('|')})`,
]; // prettier-ignore

const ATOMS = ['a', 'b', '.', '\\w', '\\s', '[ab]', '[^b]', '(?:a|b)', '(?:a|ab|b)', '\\b', 'đ', '[à-ỹ]', '$', '^', '\\d', 'ab', '[^\\]'];
const COUNTS = ['*', '+', '?', '{1,9}', '{2,60}', '{0,300}', '{40}', '{9,}', '*?', '+?'];

/** A nest of quantifiers, mostly one that fails only at its end. */
export function hostilePattern(random: Random, depth = 0): string {
  const parts = Array.from({ length: 1 + random.below(4) }, () => {
    const inner = depth < 3 && random.chance(45) ? `(?:${hostilePattern(random, depth + 1)})` : random.pick(ATOMS);
    const counted = random.chance(65) && !/^(?:\\b|\$|\^)$/.test(inner) ? inner + random.pick(COUNTS) : inner;
    return random.chance(15) ? `(?:${counted}|${random.pick(ATOMS)})` : counted;
  });
  return parts.join('') + (depth === 0 ? random.pick(['', '!', '=', '$', '[^ab]', 'Z']) : '');
}

const PIECES = ['a', 'ab', 'aab', 'a b', 'ba ', 'aé', 'đa', 'ab\n', '1a', 'Ế', 'a\\b', 'aaaaaaab'];
const ENDS = ['', '!', 'b', '\n', '\u0130'];

/** Short to 1 MB, of few letters, with an end that spoils what went well. */
export const HOSTILE_TEXTS: readonly string[] = PIECES.flatMap((piece, index) =>
  [20, 100, 400, 1_500, 6_000, 30_000, 120_000, 1_000_000].map((units) => row(piece, units) + (ENDS[(index + units) % ENDS.length] ?? '')),
);
