/** Condition expressions to trees (specification: Condition). Precedence from least to most binding: or, and, not, `x of`, brackets. */
import { SigmaError, type Place } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Condition } from '../model.ts';

interface Token {
  readonly text: string;
  readonly at: number;
}

/** Reads one condition. `names` are the rule's detections, in order; `place` is where the condition's text stands. */
export function parseCondition(text: string, names: readonly string[], place?: Place): Condition {
  if (text.length > LIMITS.conditionLength) throw new SigmaError('SIGMA_LIMIT', { reason: 'the condition is too long' }, place);
  return new ConditionParser(text, names, place).parse();
}

class ConditionParser {
  private readonly tokens: Token[];
  private readonly names: readonly string[];
  private readonly place: Place | undefined;
  private readonly length: number;
  private next = 0;
  private terms = 0;

  constructor(text: string, names: readonly string[], place: Place | undefined) {
    this.names = names;
    this.place = place;
    this.length = text.length;
    this.tokens = [...text.matchAll(/[()]|[^\s()]+/g)].map((found) => ({ text: found[0], at: found.index }));
  }

  parse(): Condition {
    if (this.tokens.length === 0) throw this.error('it is empty', 0);
    const tree = this.or(0);
    const left = this.tokens[this.next];
    if (left !== undefined) throw this.error(`"${left.text}" is not expected here`, left.at);
    return tree;
  }

  private or(depth: number): Condition {
    return this.joined('or', () => this.joined('and', () => this.not(depth)));
  }

  private joined(word: 'and' | 'or', operand: () => Condition): Condition {
    const children = [operand()];
    while (this.take(word)) children.push(operand());
    const [only] = children;
    return children.length === 1 && only !== undefined ? only : { kind: word, children };
  }

  private not(depth: number): Condition {
    if (depth > LIMITS.conditionDepth) throw new SigmaError('SIGMA_LIMIT', { reason: 'the condition is nested too deep' }, this.place);
    return this.take('not') ? { kind: 'not', child: this.not(depth + 1) } : this.term(depth);
  }

  private term(depth: number): Condition {
    const token = this.tokens[this.next];
    if (token === undefined) throw this.error('it ends where a detection is expected', this.length);
    if (++this.terms > LIMITS.conditionTerms)
      throw new SigmaError('SIGMA_LIMIT', { reason: 'the condition has too many terms' }, this.place);
    this.next++;
    if (token.text === '(') {
      const inner = this.or(depth + 1);
      if (!this.take(')')) throw this.error('a bracket is not closed', token.at);
      return inner;
    }
    if (this.tokens[this.next]?.text.toLowerCase() === 'of') return this.of(token);
    if (token.text === ')' || /^(and|or|not|of|them)$/i.test(token.text))
      throw this.error(`"${token.text}" is not expected here`, token.at);
    if (!this.names.includes(token.text)) throw this.error(`there is no detection "${token.text}"`, token.at);
    return { kind: 'selection', name: token.text };
  }

  private of(quantifier: Token): Condition {
    const word = quantifier.text.toLowerCase();
    const count = word === 'all' ? 'all' : word === 'any' ? 1 : /^[1-9]\d{0,4}$/.test(word) ? Number(word) : undefined;
    if (count === undefined) throw this.error(`"${quantifier.text} of" is not known; write 1 of, all of or a number`, quantifier.at);
    this.next++;
    const pattern = this.tokens[this.next++];
    if (pattern === undefined || /^[()]$/.test(pattern.text)) throw this.error('"of" needs a name, a pattern or "them"', quantifier.at);
    const names = matching(pattern.text, this.names);
    if (names.length === 0) throw this.error(`no detection is named like "${pattern.text}"`, pattern.at);
    this.terms += names.length;
    return { kind: 'of', count, names, text: `${quantifier.text} of ${pattern.text}` };
  }

  private take(word: string): boolean {
    if (this.tokens[this.next]?.text.toLowerCase() !== word) return false;
    this.next++;
    return true;
  }

  private error(reason: string, at: number): SigmaError {
    return new SigmaError('SIGMA_CONDITION', { reason: `${reason} (character ${at + 1})`, at }, this.place);
  }
}

/** Names a pattern stands for. Those that start with `_` are left out unless the pattern itself asks for them. */
export function matching(pattern: string, names: readonly string[]): string[] {
  const them = pattern.toLowerCase() === 'them';
  const open = names.filter((name) => !name.startsWith('_') || pattern.startsWith('_'));
  return them ? open : open.filter((name) => matchesPattern(name, pattern.split('*')));
}

/** True when the pieces stand in the name in order, the first at its start and the last at its end. */
function matchesPattern(name: string, pieces: readonly string[]): boolean {
  const [first = ''] = pieces;
  if (pieces.length === 1) return name === first;
  const last = pieces.at(-1) ?? '';
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= name.length - last.length;
}
