/** The same tree in JavaScript's flavour, and what the backtracking engine may cost on it. */
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

/** Ways a backtracking engine can walk a text of n units: `factor` × n^`degree`; an infinite degree is exponential. */
export interface Ways {
  readonly factor: number;
  readonly degree: number;
}

export function waysOf(node: RegexNode): Ways {
  if (node.kind === 'set' || node.kind === 'assert') return { factor: 1, degree: 0 };
  if (node.kind === 'cat')
    return node.items
      .map(waysOf)
      .reduce((a, b) => ({ factor: a.factor * b.factor, degree: a.degree + b.degree }), { factor: 1, degree: 0 });
  if (node.kind === 'alt')
    return node.items
      .map(waysOf)
      .reduce((a, b) => ({ factor: a.factor + b.factor, degree: Math.max(a.degree, b.degree) }), { factor: 0, degree: 0 });
  const inner = waysOf(node.item);
  const choices = node.max - node.min;
  if (inner.factor === 1 && inner.degree === 0) return choices === Infinity ? { factor: 1, degree: 1 } : { factor: choices + 1, degree: 0 };
  if (node.max === Infinity) return { factor: 1, degree: Infinity };
  return { factor: (choices + 1) * inner.factor ** node.max, degree: inner.degree * node.max };
}
