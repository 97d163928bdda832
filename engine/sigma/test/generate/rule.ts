/** Rules for tests: every modifier, kind of value and form of condition, over a few fields so that rules and events meet. */
import * as fc from 'fast-check';

const UNITS = 'aAbBkKsS\\/-*?%. \n0éđĐİıßΣςσ\u212A–―'.split('');
const letters = fc.string({ unit: fc.constantFrom(...UNITS, '𐐀', '𐐨'), maxLength: 8 });
export const word = fc.oneof(
  { weight: 3, arbitrary: letters },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'abcdefgh', 'ABCDEFGHIJ', 'bcdefghijkl', 'ab', 'cmd.exe', '-a -b', '/a', '10.0.0.1', '42', '', 'true', 'null', '\\\\*', 'C:\\Windows\\*\\x?.exe',
      '*', '?', '??', '**a**', 'đặng', 'ĐẶNG', 'İstanbul', 'straße', 'ΣΑΣ', '\u212Aelvin', 'a*b?c*d', 'aaaaaaaaab', '\\*literal\\?', '\\\\\\*', 'constructor',
    ),
  },
); // prettier-ignore
const field = fc.constantFrom(
  'A',
  'B',
  'EventID',
  'C.D',
  'constructor',
  '__proto__',
  'A',
  'B',
  'C.D.E',
  'length',
  'toString',
  'Threat Name',
);
const POSITIONS = ['', '|contains', '|startswith', '|endswith'];
const stringModifiers = fc
  .tuple(
    fc.constantFrom(...POSITIONS),
    fc.constantFrom('', '', '|windash', '|cased', '|windash|cased'),
    fc.constantFrom('', '', '', '|neq'),
  )
  .map((parts) => parts.join(''));
const encodings = fc.constantFrom(
  '|base64offset|contains',
  '|wide|base64',
  '|utf16|base64offset|contains',
  '|base64',
  '|utf16be|base64|startswith',
);

export const quote = (text: string): string => (/\p{Cc}/u.test(text) ? JSON.stringify(text) : `'${text.replaceAll("'", "''")}'`);

const words = fc.array(word, { minLength: 1, maxLength: 4 });
const plainWord = fc.constantFrom('ab', 'cmd', 'đ', 'Invoke', '-a', '\\x');
const regexes = fc.constantFrom(
  'a+b', '[ab]{2,}', '(a|b)*c?$', '^.?a', '\\bcmd', 'x*', '(?i)ABC.*k', '^$', 'a{2}', '(ab|cd)+\\.exe$', '[^a-z]+', 'đ.{1,3}g', '.*\\\\.*', '\\d{1,3}(\\.\\d+)?',
); // prettier-ignore
const item = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(field, stringModifiers, words).map(([name, mods, list]) => `${name}${mods}: [${list.map(quote).join(', ')}]`) },
  { weight: 1, arbitrary: fc.tuple(field, encodings, plainWord).map(([name, mods, text]) => `${name}${mods}: ${quote(text)}`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(field, fc.constantFrom(...POSITIONS), fc.constantFrom('', '|windash', '|neq'), fc.array(word, { minLength: 2, maxLength: 3 }))
      .map(([name, position, mod, list]) => `${name}${position}${mod}|all: [${list.map(quote).join(', ')}]`),
  },
  { weight: 2, arbitrary: fc.tuple(field, fc.constantFrom('null', "''", '42', 'true', '[null, x]', '-0', '1.5')).map(([name, text]) => `${name}: ${text}`) },
  { weight: 1, arbitrary: fc.tuple(field, fc.constantFrom('gt', 'lte', 'lt', 'gte|neq'), fc.integer({ min: -1, max: 43 })).map(([name, op, number]) => `${name}|${op}: ${number}`) },
  { weight: 1, arbitrary: fc.tuple(field, field, fc.constantFrom(...POSITIONS), fc.constantFrom('', '|cased', '|neq')).map(([a, b, position, mod]) => `${a}|fieldref${position}${mod}: ${quote(b)}`) },
  { weight: 2, arbitrary: fc.tuple(field, fc.constantFrom('', '|i', '|m', '|s', '|i|m|s'), regexes).map(([name, flags, pattern]) => `${name}|re${flags}: ${quote(pattern)}`) },
  { weight: 1, arbitrary: fc.tuple(field, fc.boolean()).map(([name, there]) => `${name}|exists: ${there}`) },
  { weight: 1, arbitrary: fc.tuple(field, fc.constantFrom('10.0.0.0/8', '10.0.0.1', 'fe80::/10', '0.0.0.0/0')).map(([name, network]) => `${name}|cidr: ${quote(network)}`) },
  { weight: 1, arbitrary: fc.tuple(field, fc.constantFrom('minute', 'hour|gt', 'day', 'week|lte', 'month', 'year')).map(([name, part]) => `${name}|${part}: 11`) },
); // prettier-ignore

const lines = (list: readonly string[], dash: string): string => list.map((text) => `        ${dash}${text}`).join('\n');
const detection = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .uniqueArray(item, { minLength: 1, maxLength: 4, selector: (text) => text.split(':')[0] })
      .map((items) => lines(items, '')),
  },
  { weight: 2, arbitrary: fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => lines(items, '- ')) },
  { weight: 1, arbitrary: words.map((list) => lines(list.map(quote), '- ')) },
  { weight: 1, arbitrary: fc.array(word, { minLength: 2, maxLength: 3 }).map((list) => `        '|all': [${list.map(quote).join(', ')}]`) },
);
const condition = fc.constantFrom(
  's0', 's0 and s1', 's0 or s1', 's0 and not s1', 'not s0', '1 of them', 'all of them', '2 of them', 'not (s0 or s2) and s1', 'not 1 of s*',
  'not all of s*', '2 of s* and not _x', 's0 or s1 and not s2', 'not not s0', '[s0, s1 and s2]', '_x or s0', '1 of *1 or all of _*',
); // prettier-ignore

/** YAML of one rule of the log source `product: test`. */
export const ruleYaml = fc
  .tuple(detection, detection, detection, detection, condition)
  .map(
    ([a, b, c, d, text]) =>
      `title: T\nlogsource:\n    product: test\ndetection:\n    s0:\n${a}\n    s1:\n${b}\n    s2:\n${c}\n    _x:\n${d}\n    condition: ${text}`,
  );
