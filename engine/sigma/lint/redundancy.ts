/** Values of one list against each other: written twice, or covered by another one. */
import { fold } from '../match/fold.ts';
import { ANY, ONE, type Part, type StringTest } from '../model.ts';
import { matchesString } from '../plain/string.ts';
import { shorten } from './detections.ts';
import { itemsOf, type LintDetection, type LintDocument, type LintItem, type LintValue } from './document.ts';
import { fixWith } from './source.ts';
import { isEncoded, stringTest } from './values.ts';

/** Every value is compared with every other one only up to so many values, times the characters of them all. */
const COMPARED = 1_000;
const COMPARED_LENGTH = 20_000_000;
/** Stand for the wildcards of a value that another one is tried on; no literal holds them. */
const [ANY_MARK, ONE_MARK] = ['\uE000', '\uE001'];

interface Entry {
  readonly value: LintValue;
  readonly test: StringTest;
  /** The value as a text, with marks for its wildcards. */
  readonly text: string;
  readonly folded: string;
  /** Its longest literal, folded. */
  readonly literal: string;
}

export function checkRedundancy(detections: readonly LintDetection[], document: LintDocument): void {
  for (const item of detections.flatMap(({ node }) => itemsOf(node))) {
    if (item.values.length < 2) continue;
    const unique = checkDuplicates(item, document);
    const length = unique.reduce((sum, { value }) => sum + String(value).length, 0);
    if (!isEncoded(item) && unique.length <= COMPARED && unique.length * length <= COMPARED_LENGTH) checkCovered(item, unique, document);
  }
}

function checkDuplicates(item: LintItem, document: LintDocument): LintValue[] {
  const cased = item.modifiers?.names.some((name) => ['cased', 're', 'base64', 'base64offset', 'fieldref'].includes(name)) === true;
  const seen = new Map<string, LintValue>();
  for (const value of item.values) {
    const text = String(value.value);
    const key = `${value.value === null ? 'null' : 'text'} ${cased ? text : fold(text)}`;
    if (!seen.has(key)) seen.set(key, value);
    else {
      const fix = fixWith('leave out the second', document.source.removeEntry(value.place));
      const message = `${shorten(text)} stands twice in the list (line ${seen.get(key)?.place.line ?? 0}).`;
      document.report('duplicate-value', value.place, message, fix);
    }
  }
  return [...seen.values()];
}

function checkCovered(item: LintItem, values: readonly LintValue[], document: LintDocument): void {
  const entries = values.flatMap(toEntry);
  const all = item.modifiers?.link === 'all';
  for (const entry of entries) {
    // With `all`, the wider value is the one that says nothing more.
    const other = entries.find((candidate) => candidate !== entry && (all ? covers(entry, candidate) : covers(candidate, entry)));
    if (other === undefined) continue;
    const why = all ? 'follows from' : 'is covered by';
    document.report('redundant-value', entry.value.place, `${shorten(entry.test.text)} ${why} ${shorten(other.test.text)}.`);
  }
}

function mark(part: Part): string {
  if (typeof part === 'string') return part;
  return part === ANY ? ANY_MARK : ONE_MARK;
}

function toEntry(value: LintValue): Entry[] {
  const test = stringTest(value);
  if (test === undefined || test.parts.some((part) => typeof part === 'object')) return [];
  const literals = test.parts.filter((part) => typeof part === 'string').map(fold);
  const literal = literals.reduce((longest, other) => (other.length > longest.length ? other : longest), '');
  const text = test.parts.map(mark).join('');
  return [{ value, test, text, folded: fold(text), literal }];
}

/** True when whatever the second matches the first matches too; not every such pair is seen. */
function covers(wide: Entry, narrow: Entry): boolean {
  if (wide.test.parts.includes(ONE) || (wide.literal === '' && narrow.literal === '')) return false;
  return (wide.test.dashes || narrow.folded.includes(wide.literal)) && matchesString(wide.test, narrow.text);
}
