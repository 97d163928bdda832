import { eventsError } from '../errors.ts';
import type { Word } from './ast.ts';

export type Token =
  | { readonly kind: '(' | ')' | ':' | '<' | '<=' | '>' | '>=' | 'and' | 'or' | 'not' | 'end'; readonly at: number; readonly text: string }
  | { readonly kind: 'word' | 'quoted'; readonly at: number; readonly text: string; readonly word: Word };

const SPECIAL = new Set(['(', ')', ':', '<', '>', '"', '*', '{', '}', '\\']);
const SPACE = /\s/;
const KEYWORDS: ReadonlyMap<string, 'and' | 'or' | 'not'> = new Map([
  ['and', 'and'],
  ['or', 'or'],
  ['not', 'not'],
]);

/** Splits a query into tokens; `at` counts UTF-16 code units from 0. */
export function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < query.length) {
    const char = query.charAt(at);
    if (SPACE.test(char)) {
      at++;
      continue;
    }
    const token = char === '"' ? quoted(query, at) : (symbol(query, at) ?? word(query, at));
    tokens.push(token.token);
    at = token.end;
  }
  tokens.push({ kind: 'end', at: query.length, text: 'the end of the query' });
  return tokens;
}

interface Lexed {
  readonly token: Token;
  readonly end: number;
}

function symbol(query: string, at: number): Lexed | undefined {
  const char = query.charAt(at);
  if (char === '(' || char === ')' || char === ':') return { token: { kind: char, at, text: char }, end: at + 1 };
  if (char === '<' || char === '>') {
    const kind = query.charAt(at + 1) === '=' ? (`${char}=` as const) : char;
    return { token: { kind, at, text: kind }, end: at + kind.length };
  }
  if (char === '{' || char === '}') {
    throw eventsError('EVENTS_KQL_SYNTAX', {
      position: at,
      expected: 'a field, a value or "("',
      found: `"${char}" (escape it as \\${char})`,
    });
  }
  return undefined;
}

/** In quotes only `\"` and `\\` are escapes, so that a Windows path can be pasted as it is. */
function quoted(query: string, start: number): Lexed {
  let text = '';
  for (let at = start + 1; at < query.length; at++) {
    const char = query.charAt(at);
    if (char === '"')
      return { token: { kind: 'quoted', at: start, text: query.slice(start, at + 1), word: { parts: [text] } }, end: at + 1 };
    const next = query.charAt(at + 1);
    if (char === '\\' && (next === '"' || next === '\\')) {
      text += next;
      at++;
    } else text += char;
  }
  throw eventsError('EVENTS_KQL_SYNTAX', {
    position: query.length,
    expected: `the closing quote of the one at ${start} (a backslash before it makes it part of the text)`,
    found: 'the end of the query',
  });
}

function word(query: string, start: number): Lexed {
  const parts = [''];
  const add = (text: string): void => {
    parts[parts.length - 1] += text;
  };
  let at = start;
  for (; at < query.length; at++) {
    const char = query.charAt(at);
    const next = query.charAt(at + 1);
    if (char === '\\' && next !== '' && (SPECIAL.has(next) || SPACE.test(next))) {
      add(next);
      at++;
    } else if (char === '*') parts.push('');
    else if (SPACE.test(char) || (SPECIAL.has(char) && char !== '\\')) break;
    else add(char);
  }
  const text = query.slice(start, at);
  const keyword = KEYWORDS.get(text.toLowerCase());
  if (keyword !== undefined) return { token: { kind: keyword, at: start, text }, end: at };
  const escaped = /^\\(and|or|not)$/i.exec(text);
  return { token: { kind: 'word', at: start, text, word: { parts: escaped === null ? parts : [text.slice(1)] } }, end: at };
}
