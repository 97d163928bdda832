/** The tree a KQL text parses to. Pure data: it crosses thread borders by structured clone. */

/** A word without its escapes; more than one part: any text may stand between the parts (`*`). */
export interface Word {
  readonly parts: readonly string[];
}

/** What stands after `field:` or alone. Quoted: one word, one part, taken literally. */
export interface Literal {
  readonly words: readonly Word[];
  readonly quoted: boolean;
}

export type RangeOperator = '>' | '>=' | '<' | '<=';

export type KqlNode =
  | { readonly kind: 'all' }
  | { readonly kind: 'and' | 'or'; readonly nodes: readonly KqlNode[] }
  | { readonly kind: 'not'; readonly node: KqlNode }
  | { readonly kind: 'exists'; readonly field: string }
  /** Without a field: free text over `message` and `event.original`. */
  | { readonly kind: 'match'; readonly field?: string; readonly value: Literal }
  | { readonly kind: 'range'; readonly field: string; readonly operator: RangeOperator; readonly value: string };

/** The literal as one plain text; undefined when it holds a wildcard. */
export function plainText(literal: Literal): string | undefined {
  if (literal.words.some((word) => word.parts.length > 1)) return undefined;
  return literal.words.map((word) => word.parts[0] ?? '').join(' ');
}

/** The literal as one pattern: parts between which any text may stand. */
export function wholeParts(literal: Literal): string[] {
  const parts: string[] = [''];
  literal.words.forEach((word, index) => {
    if (index > 0) parts[parts.length - 1] += ' ';
    word.parts.forEach((part, at) => {
      if (at === 0) parts[parts.length - 1] += part;
      else parts.push(part);
    });
  });
  return parts;
}
