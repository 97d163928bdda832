/** What a rule should say about itself: dates that exist, and the attributes people rely on. */
import type { LintCode } from './catalogue.ts';
import { shorten } from './detections.ts';
import { type LintDocument, textAt, valueOf } from './document.ts';
import { fixWith } from './source.ts';

export function checkDates(document: LintDocument): void {
  const dates = (['date', 'modified'] as const).map((key) => readDate(key, document));
  const [date, modified] = dates;
  if (date !== undefined && modified !== undefined && modified < date)
    document.report('modified-before-date', textAt(document.root, 'modified')?.place ?? document.place, `${modified} is before ${date}.`);
}

/** The date in ISO form where it is one. */
function readDate(key: string, document: LintDocument): string | undefined {
  const found = textAt(document.root, key);
  if (found === undefined) return undefined;
  const { text, place } = found;
  const parts = /^\s*(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})\s*$/.exec(text);
  const iso = parts === null ? undefined : `${parts[1]}-${parts[2]?.padStart(2, '0')}-${parts[3]?.padStart(2, '0')}`;
  if (iso === undefined || !isDay(iso)) {
    document.report('bad-date', place, `"${key}": ${shorten(text)} is not a day written YYYY-MM-DD.`);
    return undefined;
  }
  if (iso !== text) {
    const fix = fixWith(`write ${iso}`, document.source.replace(place, text, iso));
    document.report('bad-date', place, `"${key}": ${shorten(text)} is not written YYYY-MM-DD.`, fix);
  }
  const { today } = document.context;
  if (today !== undefined && iso > today) document.report('future-date', place, `"${key}": ${iso} lies in the future.`);
  return iso;
}

function isDay(iso: string): boolean {
  const time = Date.parse(`${iso}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(iso);
}

const EXPECTED: readonly (readonly [string, LintCode, string])[] = [
  ['level', 'missing-level', 'It has no level and is taken for medium.'],
  ['id', 'missing-id', 'It has no id: nothing can refer to it for good.'],
  ['status', 'missing-status', 'It has no status and is taken for experimental.'],
  ['description', 'missing-description', 'It does not say what it detects.'],
  ['references', 'missing-references', 'It does not say what it was derived from.'],
  ['falsepositives', 'missing-falsepositives', 'It does not say what else may match.'],
];

export function checkExpected(document: LintDocument): void {
  // A filter has neither level nor status (filters specification: Syntax), and its reasons are in the rules it tunes.
  const expected = document.kind === 'filter' ? EXPECTED.filter(([key]) => key === 'id' || key === 'description') : EXPECTED;
  const place = document.root.entries.find((entry) => entry.key === 'title')?.place ?? document.place;
  for (const [key, code, message] of expected) if (valueOf(document.root, key) === undefined) document.report(code, place, message);
}
