/**
 * Parser of the flavour the specification allows (PCRE: wildcards, anchors, quantifiers, classes, alternation, groups) with the
 * usual escapes, `\b`, lazy quantifiers and inline `(?ims)` flags. **Backreferences and look-around are refused**: the
 * specification does not support them, and without them every expression can run in linear time.
 */
import { bothCases, type CharSet, complement, DIGIT, normalise, pairs, type RegexNode, SPACE, WORD } from './ast.ts';

export interface RegexFlags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
}

const MOST_REPEATS = 1_000;
const DEEPEST = 100;
const CONTROL: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, a: 7, e: 27, '0': 0 };

/** Throws an `Error` with the reason and position for what is not of the flavour. */
export function parseRegex(pattern: string, flags: RegexFlags): RegexNode {
  const parser = new RegexParser(pattern, flags);
  return parser.parse();
}

class RegexParser {
  private readonly text: string;
  private flags: RegexFlags;
  private at = 0;
  private depth = 0;

  constructor(text: string, flags: RegexFlags) {
    this.text = text;
    this.flags = flags;
  }

  parse(): RegexNode {
    const tree = this.alternatives();
    if (this.at < this.text.length) throw this.error('a bracket is closed that was not opened');
    return tree;
  }

  private alternatives(): RegexNode {
    if (++this.depth > DEEPEST) throw this.error('groups are nested too deep');
    const outer = this.flags;
    const branches = [this.sequence()];
    while (this.take('|')) branches.push(this.sequence());
    this.flags = outer;
    this.depth--;
    const [only] = branches;
    return branches.length === 1 && only !== undefined ? only : { kind: 'alt', items: branches };
  }

  private sequence(): RegexNode {
    const items: RegexNode[] = [];
    while (this.at < this.text.length && this.peek() !== '|' && this.peek() !== ')') {
      const atom = this.atom();
      if (atom !== undefined) items.push(this.quantified(atom));
    }
    return { kind: 'cat', items };
  }

  private quantified(atom: RegexNode): RegexNode {
    let node = atom;
    for (;;) {
      const range = this.quantifier();
      if (range === undefined) return node;
      if (node.kind === 'assert') throw this.error('there is nothing to repeat');
      const lazy = this.take('?');
      if (!lazy && this.peek() === '+') throw this.error('possessive quantifiers are not supported');
      node = { kind: 'repeat', item: node, min: range[0], max: range[1], lazy };
    }
  }

  private quantifier(): [number, number] | undefined {
    if (this.take('*')) return [0, Infinity];
    if (this.take('+')) return [1, Infinity];
    if (this.take('?')) return [0, 1];
    const found = /^\{(\d{1,6})(?:(,)(\d{0,6}))?\}/.exec(this.text.slice(this.at, this.at + 20));
    if (found === null) return undefined;
    this.at += found[0].length;
    const min = Number(found[1]);
    const max = found[2] === undefined ? min : found[3] === '' ? Infinity : Number(found[3]);
    if (max < min) throw this.error('a quantifier counts backwards');
    if (min > MOST_REPEATS || (max !== Infinity && max > MOST_REPEATS)) throw this.error(`a quantifier may count to ${MOST_REPEATS}`);
    return [min, max];
  }

  private atom(): RegexNode | undefined {
    const character = this.text.charAt(this.at++);
    if (character === '(') return this.group();
    if (character === '[') return this.set(this.bracket());
    if (character === '.') return { kind: 'set', set: this.flags.s ? complement([]) : complement([10, 10]) };
    if (character === '^') return { kind: 'assert', what: this.flags.m ? 'line-start' : 'start' };
    if (character === '$') return { kind: 'assert', what: this.flags.m ? 'line-end' : 'end' };
    if (character === '\\') return this.escape();
    if (character === '*' || character === '+' || character === '?') throw this.error('there is nothing to repeat');
    return this.set([character.charCodeAt(0), character.charCodeAt(0)]);
  }

  private group(): RegexNode | undefined {
    if (this.take('?')) {
      const named = /^(?:P?<[A-Za-z_]\w*>|:)/.exec(this.text.slice(this.at, this.at + 64));
      const inline = /^([ims]*)(?:-([ims]+))?([:)])/.exec(this.text.slice(this.at, this.at + 12));
      if (named !== null) this.at += named[0].length;
      else if (inline !== null) {
        this.at += inline[0].length;
        const flags = changed(this.flags, inline[1] ?? '', inline[2] ?? '');
        if (inline[3] === ')') {
          this.flags = flags;
          return undefined;
        }
        const outer = this.flags;
        this.flags = flags;
        const scoped = this.closed();
        this.flags = outer;
        return scoped;
      } else throw this.error('look-around, conditions and atomic groups are not supported');
    }
    return this.closed();
  }

  private closed(): RegexNode {
    const inner = this.alternatives();
    if (!this.take(')')) throw this.error('a group is not closed');
    return inner;
  }

  private escape(): RegexNode {
    const letter = this.text.charAt(this.at);
    if (letter === 'b' || letter === 'B') {
      this.at++;
      return { kind: 'assert', what: letter === 'b' ? 'word' : 'not-word' };
    }
    if (letter === 'A' || letter === 'Z' || letter === 'z') {
      this.at++;
      return { kind: 'assert', what: letter === 'A' ? 'start' : letter === 'Z' ? 'end' : 'very-end' };
    }
    if (/[1-9]/.test(letter) || letter === 'k' || letter === 'g') throw this.error('backreferences are not supported');
    return this.set(this.escapedSet());
  }

  /** The set an escape stands for, inside and outside brackets; the backslash is already read. */
  private escapedSet(): CharSet {
    if (this.at >= this.text.length) throw this.error('it ends in a backslash');
    const letter = this.text.charAt(this.at++);
    const known: Readonly<Record<string, CharSet>> = { d: DIGIT, w: WORD, s: SPACE, h: [9, 9, 32, 32] };
    const set = Object.hasOwn(known, letter.toLowerCase()) ? known[letter.toLowerCase()] : undefined;
    if (set !== undefined) return letter === letter.toLowerCase() ? set : complement(set);
    const hex =
      letter === 'x' ? /^(?:\{([0-9a-f]{1,4})\}|([0-9a-f]{2}))/i : letter === 'u' ? /^(?:\{([0-9a-f]{1,4})\}|([0-9a-f]{4}))/i : undefined;
    if (hex !== undefined) {
      const found = hex.exec(this.text.slice(this.at, this.at + 6));
      if (found === null) throw this.error('a hexadecimal escape is not complete');
      this.at += found[0].length;
      const unit = Number.parseInt(found[1] ?? found[2] ?? '0', 16);
      return [unit, unit];
    }
    if (letter === 'p' || letter === 'P' || letter === 'X' || letter === 'R' || letter === 'c')
      throw this.error(`\\${letter} is not supported`);
    const unit = Object.hasOwn(CONTROL, letter) ? (CONTROL[letter] ?? 0) : letter.charCodeAt(0);
    return [unit, unit];
  }

  private bracket(): CharSet {
    const negative = this.take('^');
    const ranges: [number, number][] = [];
    let first = true;
    while (first || this.peek() !== ']') {
      if (this.at >= this.text.length) throw this.error('a character class is not closed');
      first = false;
      const posix = /^\[:\^?[a-z]+:\]/.exec(this.text.slice(this.at, this.at + 14));
      if (posix !== null) throw this.error(`${posix[0]} is not supported`);
      const from = this.classAtom();
      const single = from.length === 2 && from[0] === from[1];
      if (single && this.peek() === '-' && this.text.charAt(this.at + 1) !== ']' && this.at + 1 < this.text.length) {
        this.at++;
        const to = this.classAtom();
        if (to.length === 2 && to[0] === to[1]) {
          if ((to[0] ?? 0) < (from[0] ?? 0)) throw this.error('a range of a character class runs backwards');
          ranges.push([from[0] ?? 0, to[0] ?? 0]);
        } else ranges.push(...pairs(from), [45, 45], ...pairs(to));
      } else ranges.push(...pairs(from));
    }
    this.at++;
    const set = this.flags.i ? bothCases(normalise(ranges)) : normalise(ranges);
    return negative ? complement(set) : set;
  }

  private classAtom(): CharSet {
    const character = this.text.charAt(this.at++);
    if (character !== '\\') return [character.charCodeAt(0), character.charCodeAt(0)];
    if (this.peek() === 'b') {
      this.at++;
      return [8, 8];
    }
    return this.escapedSet();
  }

  private set(set: CharSet): RegexNode {
    return { kind: 'set', set: this.flags.i ? bothCases(set) : set };
  }

  private peek(): string {
    return this.text.charAt(this.at);
  }

  private take(character: string): boolean {
    if (this.text.charAt(this.at) !== character) return false;
    this.at++;
    return true;
  }

  private error(reason: string): Error {
    return new Error(`${reason} (character ${this.at})`);
  }
}

function changed(flags: RegexFlags, on: string, off: string): RegexFlags {
  const flag = (name: keyof RegexFlags): boolean => (flags[name] || on.includes(name)) && !off.includes(name);
  return { i: flag('i'), m: flag('m'), s: flag('s') };
}
