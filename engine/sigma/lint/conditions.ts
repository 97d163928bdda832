/** The condition: that it can be read, that what it names is there, that all that is there is named, and that it can hold at all. */
import { SigmaError, type Place } from '../errors.ts';
import type { Condition } from '../model.ts';
import { matching, parseCondition } from '../parse/condition.ts';
import type { YamlNode } from '../parse/yaml.ts';
import { type LintDetection, type LintDocument, nearest, refusal } from './document.ts';

/** Names for which a similar one is looked for. */
const SUGGESTED = 20;

/** Checks the conditions of a section and gives those that can be read. */
export function checkConditions(node: YamlNode, detections: readonly LintDetection[], document: LintDocument): Condition[] {
  const names = detections.map(({ name }) => name);
  const texts = node.kind === 'list' ? node.items : [node];
  if (texts.length === 0) document.report('bad-condition', node.place, 'The list of conditions is empty.');
  const conditions = texts.map((text) => readOne(text, names, document));
  const readable = conditions.filter((condition) => condition !== undefined);
  if (readable.length === conditions.length) checkReach(readable, detections, document);
  for (const [index, condition] of conditions.entries())
    if (condition !== undefined) checkContradiction(condition, texts[index]?.place ?? node.place, document);
  return readable;
}

function readOne(node: YamlNode, names: readonly string[], document: LintDocument): Condition | undefined {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') {
    document.report('bad-condition', node.place, 'A condition must be a text.');
    return undefined;
  }
  const text = node.value;
  const absent = reportAbsent(text, node.place, { names, document });
  const read = refusal(() => parseCondition(text, [...names, ...absent], node.place));
  if (!(read instanceof SigmaError)) return absent.length === 0 ? read : undefined;
  const at = read.details['at'];
  const place = typeof at === 'number' ? within(node.place, text, { at, document }) : node.place;
  document.report('bad-condition', place, `The condition cannot be read: ${String(read.details['reason'])}.`);
  return undefined;
}

/** Reports the names and patterns that stand for nothing; gives names that would let the rest be read. */
function reportAbsent(
  text: string,
  place: Place,
  { names, document }: { readonly names: readonly string[]; readonly document: LintDocument },
): string[] {
  const tokens = [...text.matchAll(/[()]|[^\s()]+/g)].slice(0, 10_000);
  const absent: string[] = [];
  for (const [index, token] of tokens.entries()) {
    const word = token[0];
    const [before, after] = [tokens[index - 1]?.[0].toLowerCase(), tokens[index + 1]?.[0].toLowerCase()];
    if (/^(?:[()]|and|or|not|of)$/i.test(word) || after === 'of') continue;
    const here = within(place, text, { at: token.index, document });
    if (before === 'of') {
      if (word.toLowerCase() === 'them' || matching(word, names).length > 0) continue;
      document.report('empty-pattern', here, `No detection is named like "${word}".`);
      absent.push(word.replaceAll('*', ''));
    } else if (/^[\w.-]+$/.test(word) && !names.includes(word) && !absent.includes(word) && word.toLowerCase() !== 'them') {
      const near = absent.length < SUGGESTED ? nearest(word, names) : undefined;
      document.report('missing-detection', here, `There is no detection "${word}"${near === undefined ? '' : `; did you mean "${near}"?`}`);
      absent.push(word);
    }
  }
  return absent;
}

/** The place of a character of a one-line scalar; the scalar's own place where its text is not as read. */
function within(place: Place, text: string, { at, document }: { readonly at: number; readonly document: LintDocument }): Place {
  const { source } = document;
  const start = source.offset(place);
  const quoted = /['"]/.test(source.text.charAt(start)) ? 1 : 0;
  const word = /^\S*/.exec(text.slice(at))?.[0] ?? '';
  const same = source.text.slice(start + quoted + at).startsWith(word) && !source.text.slice(start, start + quoted + at).includes('\n');
  return same ? { line: place.line, column: place.column + quoted + at } : place;
}

function checkReach(conditions: readonly Condition[], detections: readonly LintDetection[], document: LintDocument): void {
  const reached = new Set(conditions.flatMap(namesOf));
  for (const { name, place } of detections)
    if (!reached.has(name)) document.report('unreachable-detection', place, `No condition names the detection "${name}".`);
}

function namesOf(condition: Condition): readonly string[] {
  if (condition.kind === 'selection') return [condition.name];
  if (condition.kind === 'of') return condition.names;
  return condition.kind === 'not' ? namesOf(condition.child) : condition.children.flatMap(namesOf);
}

function checkContradiction(condition: Condition, place: Place, document: LintDocument): void {
  if (condition.kind === 'not') return checkContradiction(condition.child, place, document);
  if (condition.kind !== 'and' && condition.kind !== 'or') return;
  if (condition.kind === 'and') {
    const { must, mustNot } = demands(condition);
    const both = must.find((name) => mustNot.includes(name));
    if (both !== undefined)
      document.report('contradicting-condition', place, `The condition asks for "${both}" and for its opposite: it never holds.`);
  }
  for (const child of condition.children) checkContradiction(child, place, document);
}

/** Detections a condition cannot hold without, and those it cannot hold with. */
export function demands(condition: Condition): { must: string[]; mustNot: string[] } {
  if (condition.kind === 'selection') return { must: [condition.name], mustNot: [] };
  if (condition.kind === 'of') return { must: condition.count === 'all' ? [...condition.names] : [], mustNot: [] };
  if (condition.kind === 'not') return { must: [], mustNot: refused(condition.child) };
  if (condition.kind === 'or') return { must: [], mustNot: [] };
  const parts = condition.children.map(demands);
  return { must: parts.flatMap(({ must }) => must), mustNot: parts.flatMap(({ mustNot }) => mustNot) };
}

/** Detections of which each alone makes the condition hold: its opposite holds with none of them. */
function refused(condition: Condition): string[] {
  if (condition.kind === 'selection') return [condition.name];
  if (condition.kind === 'of') return condition.count === 1 || condition.names.length === 1 ? [...condition.names] : [];
  return condition.kind === 'or' ? condition.children.flatMap(refused) : [];
}
