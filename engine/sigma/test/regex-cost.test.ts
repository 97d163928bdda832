/** What an expression may cost on a text, in counted steps: the promise of docs/decisions/0020-sigma-regex.md. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRules } from '../index.ts';
import type { RegexNode } from '../regex/ast.ts';
import { contains } from '../regex/ast.ts';
import { compileRegex } from '../regex/compile.ts';
import { stepsPerStart } from '../regex/cost.ts';
import { LinearRegex, WORK_PER_TEXT } from '../regex/linear.ts';
import { parseRegex } from '../regex/parse.ts';
import { HOSTILE } from './hostile-regex.ts';
import { anything, onlyRule, ruleText } from './support.ts';

const none = { i: false, m: false, s: false };
describe('a catastrophic expression', () => {
  it.each(HOSTILE)('%.60s visits no more states than a text may cost', (pattern, text) => {
    const linear = new LinearRegex(parseRegex(pattern, none));
    let given = false;
    try {
      linear.test(text);
    } catch (error) {
      expect(error).toMatchObject({ code: 'SIGMA_REGEX_BUDGET' });
      given = true;
    }
    // The last step may go over by the states of one set, and what is kept of them.
    expect(linear.lastWork).toBeLessThan(WORK_PER_TEXT + 20_000);
    expect(linear.lastWork > WORK_PER_TEXT).toBe(given);
    expect(compileRegex(pattern, '').isNative(text)).toBe(false);
  });
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
function countSteps(tree: RegexNode, text: string, most: number): number {
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
  go(tree, 0, () => false);
  return steps;
}

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
        expect([source, text, countSteps(tree, text, 200_000)]).toEqual([
          source,
          text,
          expect.toSatisfy((steps: number) => steps <= estimate),
        ]);
      }),
      { numRuns: 3_000, interruptAfterTimeLimit: 3_000 },
    );
  });
});
