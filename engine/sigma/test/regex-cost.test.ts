/** What an expression may cost on a text, in counted steps: the promise of docs/decisions/0020-sigma-regex.md. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRules } from '../index.ts';
import type { RegexNode } from '../regex/ast.ts';
import { contains } from '../regex/ast.ts';
import { beginEvent } from '../regex/budget.ts';
import { compileRegex } from '../regex/compile.ts';
import { stepsPerStart } from '../regex/cost.ts';
import { LinearRegex, MOST_WORK } from '../regex/linear.ts';
import { parseRegex } from '../regex/parse.ts';
import { HOSTILE, NATIVE } from './hostile-regex.ts';
import { anything, onlyRule, ruleText } from './support.ts';

/** What the native engine may take, and the units of a beginning that it compares at once. */
const MOST_STEPS = 200_000 * 4;
const none = { i: false, m: false, s: false };
describe('a catastrophic expression', () => {
  it.each(HOSTILE.map(([pattern, text]) => [pattern.slice(0, 60), pattern, text]))(
    '%s visits no more states than an event may cost',
    (_, pattern, text) => {
      const linear = new LinearRegex(parseRegex(pattern, none));
      let given = false;
      try {
        linear.test(text);
      } catch (error) {
        expect(error).toMatchObject({ code: 'SIGMA_REGEX_BUDGET' });
        given = true;
      }
      // The last step may go over by the states of one set, and what is kept of them.
      expect(linear.spent).toBeLessThan(MOST_WORK + 40_000);
      expect(linear.spent > MOST_WORK).toBe(given);
      expect(compileRegex(pattern, '').isNative(text)).toBe(false);
    },
  );
  it('is reported by the name of its rule, which is switched off; the others go on', () => {
    const [pattern, text] = HOSTILE[7] ?? ['', ''];
    const faults: unknown[][] = [];
    const rules = [
      onlyRule(ruleText(`    s: {F|re: '${pattern}'}\n    condition: s`, 'hostile')),
      onlyRule(ruleText("    s: {F|contains: 'xy'}\n    condition: s", 'other')),
    ];
    const set = compileRules(rules, { pipelines: anything, onFault: (id, error) => faults.push([id, error]) });
    const ids = (event: object): string[] => set.match(event).map(({ rule }) => rule.id);
    expect(ids({ F: 'xyxyz' })).toEqual(['hostile', 'other']);
    expect(ids({ F: `${text}z!`.replaceAll('z!', '') + 'z'.repeat(0) + 'q z' })).toEqual(['other']);
    expect(ids({ F: 'xyxyz' })).toEqual(['other']);
    expect(faults).toEqual([['hostile', expect.objectContaining({ code: 'SIGMA_REGEX_BUDGET' })]]);
  });
});

/** A backtracking engine that counts: calls of `go` for each node tried at each place, every way through. */
function countSteps(tree: RegexNode, text: string, { start = 0, most }: { start?: number; most: number }): number {
  let steps = 0;
  const go = (node: RegexNode, at: number, then: (at: number) => boolean): boolean => {
    if (steps > most) return true;
    if (node.kind === 'set') {
      steps++;
      return at < text.length && contains(node.set, text.charCodeAt(at)) && then(at + 1);
    }
    if (node.kind === 'assert') {
      steps++;
      return then(at);
    }
    if (node.kind === 'alt') return node.items.some((item) => go(item, at, then));
    if (node.kind === 'cat') {
      const from = (index: number, place: number): boolean => {
        const item = node.items[index];
        return item === undefined ? then(place) : go(item, place, (next) => from(index + 1, next));
      };
      return from(0, at);
    }
    const again = (count: number, place: number): boolean => {
      const more =
        count < node.max && go(node.item, place, (next) => (next === place && count >= node.min ? false : again(count + 1, next)));
      return more || (count >= node.min && then(place));
    };
    return again(0, at);
  };
  go(tree, start, () => false);
  return steps;
}

describe('many values in one event', () => {
  const rows = Array.from({ length: 2_000 }, () => 'a'.repeat(450));
  it('cost an expression together what one may cost', () => {
    const regex = compileRegex('a{1,120}b', '');
    const natives = (): number => rows.filter((row) => regex.isNative(row) && !regex.test(row)).length;
    beginEvent();
    expect(natives()).toBe(1);
    expect(rows.some((row) => regex.test(row))).toBe(false);
    beginEvent();
    expect(natives()).toBe(1);
  });
  it('are given up together where each alone would not be', () => {
    const regex = compileRegex('(x{1,200}y{1,200}){1,20}z', '');
    const texts = Array.from({ length: 300 }, (_, index) => 'x'.repeat(1 + (index % 150)) + 'y'.repeat(1 + ((index * 7) % 130)));
    for (const text of texts) {
      beginEvent();
      expect(regex.test(text)).toBe(false);
    }
    const anew = compileRegex('(x{1,200}y{1,200}){1,20}zz', '');
    beginEvent();
    expect(() => texts.map((text) => anew.test(text + text))).toThrow(expect.objectContaining({ code: 'SIGMA_REGEX_BUDGET' }));
  });
});

describe('the native engine', () => {
  it('is never given an expression that takes long to translate', () => {
    expect(compileRegex(Array.from({ length: 700 }, () => '[a-c1]x+').join('|'), '').isNative('b')).toBe(false);
    expect(compileRegex(Array.from({ length: 20 }, () => '[a-c1]x+').join('|'), '').isNative('b')).toBe(true);
  });
  it.each(NATIVE.map((pattern) => [pattern.slice(0, 60), pattern]))(
    'takes a bounded number of steps on any text it is let run on: %s',
    (_, pattern) => {
      const tree = parseRegex(pattern, none);
      const regex = compileRegex(pattern, '');
      for (const piece of ['a', 'ab', 'đa'])
        for (const units of [20, 60, 200, 400, 1_600, 6_400, 50_000, 180_000]) {
          const text = piece.repeat(units / 2).slice(0, units);
          beginEvent();
          if (!regex.isNative(text)) continue;
          let steps = 0;
          for (let start = 0; start < units && steps < MOST_STEPS; start++) steps += countSteps(tree, text, { start, most: MOST_STEPS });
          expect([pattern, piece, units, steps < MOST_STEPS]).toEqual([pattern, piece, units, true]);
        }
    },
  );
});

describe('the estimate that lets the native engine run', () => {
  const pattern = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom('a', 'b', '.', '[ab]'),
      fc.tuple(tie('node'), tie('node')).map(([a, b]) => a + b),
      fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(?:${a}|${b})`),
      fc.tuple(tie('node'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '{0,9}')).map(([a, quantifier]) => `(?:${a})${quantifier}`),
    ),
  })).node;
  it('is never less than the steps a backtracking engine takes from one start', () => {
    fc.assert(
      fc.property(pattern, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 16 }), (source, text) => {
        const tree = parseRegex(source, none);
        const estimate = stepsPerStart(tree, 16);
        if (estimate > 20_000) return;
        expect([source, text, countSteps(tree, text, { most: 200_000 })]).toEqual([
          source,
          text,
          expect.toSatisfy((steps: number) => steps <= estimate),
        ]);
      }),
      { numRuns: 3_000, interruptAfterTimeLimit: 3_000 },
    );
  });
});
