import { expect, it } from 'vitest';
import { compileRules, loadPipelines, parseRules, type SigmaRule } from 'sigma-rules-ts';
import { Layers } from './layers.ts';

const pipelines = loadPipelines(['shapes: [{name: flat, roots: [""]}]\nlogsources: [{is: {product: p}}]\n']);
const rule = (id: number, value: string, product = 'p'): SigmaRule =>
  parseRules(`title: t\nid: r${id}\nlogsource: {product: ${product}}\ndetection: {s: {a|contains: ${value}}, condition: s}\n`, `${id}`)
    .rules[0]!;

it('a change of a few rules compiles those few, and gives what compiling all would', () => {
  const compiled: number[] = [];
  const layers = new Layers<SigmaRule>((rules) => (compiled.push(rules.length), compileRules(rules, { pipelines })));
  const ids = (set: { match: (event: object) => { rule: SigmaRule }[] }, a: string) => set.match({ a }).map(({ rule: { id } }) => id);
  const all = Array.from({ length: 300 }, (_, n) => rule(n, `v${n}-`));
  const text = all.map((_, n) => `v${n}-`).join();
  expect(ids(layers.of(all), text)).toHaveLength(300);
  let now = all;
  for (let n = 0; n < 120; n++) {
    // One changes, one goes, one comes, one comes that no event can be for.
    now = now.map((each, at) => (at === n ? rule(n, `w${n}-`) : each)).filter((each) => each.id !== `r${200 + n}`);
    now = [...now, rule(1000 + n, `x${n}-`), rule(2000 + n, 'y', 'nothing')];
    const [layered, whole] = [layers.of(now), compileRules(now, { pipelines })];
    for (const a of [text, `w${n}-`, `v${n}-`, `x${n}-`, `v${200 + n}-`])
      expect(ids(layered, a).toSorted()).toEqual(ids(whole, a).toSorted());
    expect(layered.withoutLogsource.map(({ id }) => id).toSorted()).toEqual(whole.withoutLogsource.map(({ id }) => id).toSorted());
  }
  expect(compiled[0]).toBe(300);
  expect(compiled.filter((size) => size > 100).length).toBeLessThan(8);
});
