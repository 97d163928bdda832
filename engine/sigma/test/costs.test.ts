import { expect, it } from 'vitest';
import { compileRules, loadPipelines, parseRules as parse } from '../index.ts';

const pipelines = loadPipelines(['shapes: [{name: flat, roots: [""]}]\nlogsources: [{is: {product: p}}]\n']);
const rule = (id: string, selection: string) =>
  parse(`title: ${id}\nid: ${id}\nlogsource: {product: p}\ndetection: {s: ${selection}, condition: s}\n`, id).rules;
const rules = [...rule('looks', '{a|contains: xyz}'), ...rule('never', '{a|contains: other}')];
const event = { a: 'an xyz' };

it('costs are those of the rules that looked at the events measured, one in so many', () => {
  const set = compileRules(rules, { pipelines, costs: { sampleEvery: 10 } });
  for (let n = 0; n < 95; n++) expect(set.match(event)).toHaveLength(1);
  const { events, rules: looked } = set.takeCosts();
  expect(events).toBe(9);
  expect(looked.map(({ rule: { id } }) => id)).toEqual(['looks']);
  expect(looked.every(({ ms }) => ms >= 0)).toBe(true);
  expect(set.takeCosts()).toEqual({ events: 0, rules: [] });
});

it('nothing is measured where costs were not asked for', () => {
  const set = compileRules(rules, { pipelines });
  for (let n = 0; n < 100; n++) set.match(event);
  expect(set.takeCosts()).toEqual({ events: 0, rules: [] });
});

it('a rule that throws on an event that is measured is switched off like on any other', () => {
  const faults: string[] = [];
  const costly = rule('costly', "{a|re: '(x{1,200}y{1,200}){1,20}z'}");
  const text = Array.from({ length: 400 }, (_, n) => 'x'.repeat(n % 150) + 'y'.repeat((n * 7) % 130)).join('');
  const set = compileRules([...rules, ...costly], { pipelines, costs: { sampleEvery: 1 }, onFault: (id) => void faults.push(id) });
  for (let n = 0; n < 3; n++) set.match({ a: `${text}q z` });
  expect(faults).toEqual(['costly']);
  expect(set.match(event)).toHaveLength(1);
});
