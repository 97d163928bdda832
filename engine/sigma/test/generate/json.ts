/** JSON text of a value, spelled in every way RFC 8259 allows: `JSON.parse` gives the value that was meant. */
import type { Random } from './random.ts';

const BLANKS = ['', '', '', ' ', '\t', '\n', '\r\n', '  '];
const SHORT: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  '\\': '\\\\',
};

/** `odd` is how many per cent of the units, numbers and members are written in an unusual way. */
export function spell(value: unknown, random: Random, odd = 10): string {
  const blank = (): string => (random.chance(odd) ? random.pick(BLANKS) : '');
  const all = (one: unknown): string => {
    if (typeof one === 'string') return spellText(one, random, odd);
    if (typeof one === 'number' && Number.isFinite(one)) return spellNumber(one, random, odd);
    if (Array.isArray(one)) return `[${blank()}${one.map((item) => blank() + all(item) + blank()).join(',')}]`;
    if (typeof one !== 'object' || one === null) return JSON.stringify(one) ?? 'null';
    const members = Object.entries(one).map(([key, inner]) => [key, all(inner)] as const);
    // Of a key given twice the last one counts.
    const twins = members
      .filter(() => random.chance(odd / 5))
      .map(([key]) => [key, random.pick(['null', '"other"', '[]', '7', '{"a":{"b":1}}'])] as const);
    return `{${[...twins, ...members].map(([key, text]) => `${blank()}${spellText(key, random, odd / 3)}${blank()}:${blank()}${text}${blank()}`).join(',')}}`;
  };
  return blank() + all(value) + blank();
}

function spellText(text: string, random: Random, odd: number): string {
  const spelled = Array.from(text, (character) => {
    // Half a pair can only be written as an escape: UTF-8 has no bytes for it.
    if (/^\p{Surrogate}$/u.test(character) || random.chance(odd)) return escaped(character, random);
    if (character === '/' && random.chance(odd * 3)) return '\\/';
    return SHORT[character] ?? (character < ' ' ? escaped(character, random) : character);
  });
  return `"${spelled.join('')}"`;
}

function escaped(character: string, random: Random): string {
  let text = '';
  for (let at = 0; at < character.length; at++) {
    const hex = character.charCodeAt(at).toString(16).padStart(4, '0');
    text += `\\u${random.chance(50) ? hex : hex.toUpperCase()}`;
  }
  return text;
}

function spellNumber(value: number, random: Random, odd: number): string {
  const text = Object.is(value, -0) ? '-0' : JSON.stringify(value);
  if (!random.chance(odd * 2) || /e/.test(text)) return text;
  return random.pick([
    text.includes('.') ? `${text}0` : `${text}.0`,
    `${text}e0`,
    `${text}E+0`,
    `${text}${text.includes('.') ? '00' : '.000'}e-0`,
  ]);
}
