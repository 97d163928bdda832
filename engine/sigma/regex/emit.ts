/** The same tree in JavaScript's flavour. */
import { type Assertion, type CharSet, pairs, type RegexNode } from './ast.ts';

const ASSERTIONS: Readonly<Record<Assertion, string>> = {
  start: '^',
  end: '(?=\\n?$)',
  'very-end': '$',
  'line-start': '(?:^|(?<=\\n))',
  'line-end': '(?=\\n|$)',
  word: '\\b',
  'not-word': '\\B',
};

/** Source for `new RegExp(source)`, without flags: case and line rules are already in the sets and assertions. */
export function emit(node: RegexNode): string {
  if (node.kind === 'set') return emitSet(node.set);
  if (node.kind === 'assert') return ASSERTIONS[node.what];
  if (node.kind === 'cat') return node.items.map((item) => (item.kind === 'alt' ? `(?:${emit(item)})` : emit(item))).join('');
  if (node.kind === 'alt') return node.items.map((item) => emit(item)).join('|');
  const count = node.max === Infinity ? (node.min === 0 ? '*' : node.min === 1 ? '+' : `{${node.min},}`) : `{${node.min},${node.max}}`;
  const item = node.item.kind === 'set' ? emit(node.item) : `(?:${emit(node.item)})`;
  return `${item}${count}${node.lazy ? '?' : ''}`;
}

function emitSet(set: CharSet): string {
  if (set.length === 0) return '[]';
  if (set.length === 2 && set[0] === set[1]) return unit(set[0] ?? 0);
  return `[${pairs(set)
    .map(([from, to]) => (from === to ? unit(from) : `${unit(from)}-${unit(to)}`))
    .join('')}]`;
}

function unit(code: number): string {
  const character = String.fromCharCode(code);
  return /[A-Za-z0-9]/.test(character) ? character : `\\u${code.toString(16).padStart(4, '0')}`;
}
