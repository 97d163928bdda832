/** What can be typed where the caret stands: field names, their values, the words that join conditions. Pure. */
import type { FieldInfo } from '@vong/platform/events';
import { fold } from '../../ui/format.ts';
import { fieldName, literal, pieces, type Piece } from './kql-text.ts';

/** What the caret stands in; `from`…`to` is the text that a choice replaces. */
export type Place = { readonly from: number; readonly to: number; readonly typed: string } & (
  | { readonly kind: 'field' }
  | { readonly kind: 'value'; readonly field: string }
  | { readonly kind: 'joint' }
  | { readonly kind: 'nothing' }
);

export interface Suggestion {
  readonly kind: 'field' | 'value' | 'joint';
  /** What is shown. */
  readonly label: string;
  /** What is put into the query. */
  readonly insert: string;
  /** Events that have it, for fields and values. */
  readonly count?: number;
}

const COMPARE = new Set(['<', '<=', '>', '>=']);

function named(piece: Piece): string {
  return piece.kind === 'quoted' ? unquoted(piece.text) : piece.text.replace(/\\(.)/g, '$1');
}

function unquoted(text: string): string {
  return text.replace(/^"|(?<!\\)"$/g, '').replace(/\\(["\\])/g, '$1');
}

interface Stand {
  /** The field whose value comes next. */
  readonly field: string | undefined;
  readonly expects: 'field' | 'value' | 'number' | 'joint';
}

/** What may stand after these pieces. */
function after(before: readonly Piece[]): Stand {
  const brackets: (string | undefined)[] = [];
  let stand: Stand = { field: undefined, expects: 'field' };
  before.forEach((piece, at) => {
    const inner = brackets.at(-1);
    if (piece.text === ':') stand = { field: before[at - 1] && named(before[at - 1] ?? piece), expects: 'value' };
    else if (COMPARE.has(piece.text)) stand = { field: undefined, expects: 'number' };
    else if (piece.text === '(') brackets.push(stand.expects === 'value' ? stand.field : undefined);
    else if (piece.text === ')') {
      brackets.pop();
      stand = { field: undefined, expects: 'joint' };
    } else if (piece.kind === 'and' || piece.kind === 'or' || piece.kind === 'not') {
      stand = { field: inner, expects: inner === undefined ? 'field' : 'value' };
    } else stand = { field: stand.field, expects: 'joint' };
  });
  return stand;
}

export function placeAt(query: string, caret: number): Place {
  const all = pieces(query);
  const current = all.find(({ kind, from, to }) => kind !== 'symbol' && from < caret && caret <= to);
  const before = all.filter(({ to, from }) => (current ? from < current.from : to <= caret));
  const { field, expects } = after(before);
  const from = current?.from ?? caret;
  // A closed quote that the caret has left is complete.
  if (current?.kind === 'quoted' && current.open !== true && caret === current.to)
    return { kind: 'nothing', from: caret, to: caret, typed: '' };
  const shown = query.slice(from, caret);
  const place = { from, to: current?.to ?? caret, typed: current?.kind === 'quoted' ? unquoted(shown) : shown };
  if (expects === 'value' && field !== undefined) return { ...place, kind: 'value', field };
  if (expects === 'field') return { ...place, kind: 'field' };
  return {
    ...place,
    kind: expects === 'joint' && (current === undefined ? caret > 0 && /\s/.test(query.charAt(caret - 1)) : true) ? 'joint' : 'nothing',
  };
}

function rank(name: string, typed: string): number {
  const folded = fold(name);
  if (folded.startsWith(typed)) return 0;
  if (folded.includes(`.${typed}`)) return 1;
  return folded.includes(typed) ? 2 : 3;
}

const MOST = 8;

/** Fields whose name begins with what is typed first, then those that have it at the start of a part, then anywhere. */
export function fieldSuggestions(fields: readonly FieldInfo[], typed: string): Suggestion[] {
  const wanted = fold(typed);
  return fields
    .map((field, at) => ({ field, at, rank: rank(field.name, wanted) }))
    .filter((each) => each.rank < 3 && each.field.name !== 'event.original')
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .slice(0, MOST)
    .map(({ field }) => ({ kind: 'field', label: field.name, insert: `${fieldName(field.name)}: `, count: field.count }));
}

export function valueSuggestions(values: readonly { readonly value: string; readonly count: number }[], typed: string): Suggestion[] {
  const wanted = fold(typed);
  return values
    .filter(({ value }) => value.length <= 200 && fold(value).includes(wanted))
    .slice(0, MOST)
    .map(({ value, count }) => ({ kind: 'value', label: value, insert: `${literal(value)} `, count }));
}

export function jointSuggestions(typed: string): Suggestion[] {
  return ['and', 'or', 'and not']
    .filter((word) => word.startsWith(typed.toLowerCase()) && word !== typed.toLowerCase())
    .map((word) => ({ kind: 'joint', label: word, insert: `${word} ` }));
}

/** The query with the suggestion in its place, and where the caret goes. */
export function completed(query: string, place: Place, { kind, insert }: Suggestion): { query: string; caret: number } {
  const rest = query.slice(place.to);
  // The colon or the space is there already: do not write a second one.
  const colon = kind === 'field' ? /^\s*:\s*/.exec(rest)?.[0] : undefined;
  const kept = colon === undefined ? rest.replace(/^ /, '') : rest.slice(colon.length);
  return { query: query.slice(0, place.from) + insert + kept, caret: place.from + insert.length };
}
