/**
 * A KQL text as it is being typed: pieces with their places, never an error. The server's parser decides what is valid; this only
 * knows enough to add a condition to a query and to say what the caret stands in.
 */
export interface Piece {
  readonly kind: 'word' | 'quoted' | 'symbol' | 'and' | 'or' | 'not';
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** A quote that has not been closed. */
  readonly open?: boolean;
}

const PIECE = /"(?:\\["\\]|[^"])*("|$)|<=|>=|[():<>]|(?:\\[\s():<>"*{}\\]|[^\s():<>"])+/g;

export function pieces(query: string): Piece[] {
  return Array.from(query.matchAll(PIECE), (found) => {
    const [text] = found;
    const place = { from: found.index, to: found.index + text.length, text };
    if (text.startsWith('"')) return { ...place, kind: 'quoted', open: found[1] !== '"' } as const;
    if (/^[():<>]/.test(text)) return { ...place, kind: 'symbol' } as const;
    const word = text.toLowerCase();
    return { ...place, kind: word === 'and' || word === 'or' || word === 'not' ? word : 'word' } as const;
  });
}

/** In quotes, where only `"` and `\` need an escape. */
export function quoted(value: string): string {
  return `"${value.replace(/[\\"]/g, (character) => `\\${character}`)}"`;
}

/** The value as a person would type it: in quotes only when it needs them. */
export function literal(value: string): string {
  return /^[\p{L}\p{N}_.@/-]+$/u.test(value) && !/^(and|or|not)$/i.test(value) ? value : quoted(value);
}

/** A field name with what KQL would read as something else escaped. */
export function fieldName(name: string): string {
  return name.replace(/[\s():<>"*{}\\]/g, (character) => `\\${character}`);
}

const LONGEST = 1000;

/** The condition that the field has this value; of a very long value its beginning, so that the query stays within its bounds. */
export function condition(field: string, value: string): string {
  if (value.length <= LONGEST) return `${fieldName(field)}: ${quoted(value)}`;
  const start = value.slice(0, LONGEST / 2).replace(/[\s():<>"*{}\\]/g, (character) => `\\${character}`);
  return `${fieldName(field)}: ${start}*`;
}

/** What is joined by `and` at the top; undefined when the top holds an `or` or the brackets do not close. */
function conjuncts(query: string): string[] | undefined {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (const piece of pieces(query)) {
    if (piece.text === '(') depth += 1;
    if (piece.text === ')') depth -= 1;
    if (depth < 0 || piece.open === true || (depth === 0 && piece.kind === 'or')) return undefined;
    if (depth === 0 && piece.kind === 'and') {
      parts.push(query.slice(from, piece.from).trim());
      from = piece.to;
    }
  }
  return depth === 0 ? [...parts, query.slice(from).trim()] : undefined;
}

/** The query narrowed by the condition, or by its opposite. What is there already is not added; the opposite of it is replaced. */
export function narrowed(query: string, wanted: string, negated = false): string {
  const added = negated ? `not ${wanted}` : wanted;
  const opposite = negated ? wanted : `not ${wanted}`;
  if (query.trim() === '') return added;
  const parts = conjuncts(query);
  if (parts === undefined) return `(${query.trim()}) and ${added}`;
  if (parts.includes(added)) return query;
  const kept = parts.map((part) => (part === opposite ? added : part));
  return [...kept, ...(kept.includes(added) ? [] : [added])].join(' and ');
}
