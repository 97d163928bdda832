/** A document as the checks see it: its attributes with their places, its detections item by item, and where findings go. */
import { SigmaError, type Place } from '../errors.ts';
import type { Test } from '../model.ts';
import type { Modifiers } from '../parse/modifiers.ts';
import type { Scalar, YamlEntry, YamlNode } from '../parse/yaml.ts';
import { CHECKS, type LintCode } from './catalogue.ts';
import type { Finding, LintContext, LintFix } from './model.ts';
import type { Source } from './source.ts';

export type MapNode = YamlNode & { readonly kind: 'map' };
export type DocumentKind = 'rule' | 'correlation' | 'filter';

export interface LintDocument {
  readonly kind: DocumentKind;
  readonly root: MapNode;
  readonly place: Place;
  readonly source: Source;
  readonly context: LintContext;
  readonly report: Report;
}

/** Takes in a finding. */
export type Report = (code: LintCode, place: Place, message: string, fix?: LintFix) => void;

/** A detection with its items; items whose modifiers or values are refused are reported when it is read. */
export interface LintDetection {
  readonly name: string;
  readonly place: Place;
  readonly node: LintNode;
}

export type LintNode = { readonly kind: 'and' | 'or'; readonly children: readonly LintNode[] } | LintItem;

export interface LintItem {
  readonly kind: 'item';
  readonly field: string | null;
  /** The key as written, with its modifiers; null for a keyword that stands alone or in a list. */
  readonly key: string | null;
  readonly place: Place;
  /** Undefined where they are refused. */
  readonly modifiers: Modifiers | undefined;
  readonly values: readonly LintValue[];
}

export interface LintValue {
  readonly value: Scalar;
  readonly place: Place;
  /** Empty where the value is refused. */
  readonly tests: readonly Test[];
}

/** What findings of one document are put into. */
export function reportInto(findings: Finding[], file: string, rule: string | undefined): Report {
  return (code, place, message, fix) => {
    findings.push({
      code,
      severity: CHECKS[code].severity,
      file,
      line: place.line,
      column: place.column,
      message,
      ...(rule === undefined ? {} : { rule }),
      ...(fix === undefined ? {} : { fix }),
    });
  };
}

export function entryOf(map: MapNode, key: string): YamlEntry | undefined {
  return map.entries.find((entry) => entry.key === key);
}

/** The value of an attribute; an attribute without a value counts as absent. */
export function valueOf(map: MapNode, key: string): YamlNode | undefined {
  const node = entryOf(map, key)?.value;
  return node?.kind === 'scalar' && node.value === null ? undefined : node;
}

export function mapAt(map: MapNode, key: string): MapNode | undefined {
  const node = valueOf(map, key);
  return node?.kind === 'map' ? node : undefined;
}

/** The text of an attribute; undefined where it is absent or no scalar. */
export function textAt(map: MapNode, key: string): { text: string; place: Place } | undefined {
  const node = valueOf(map, key);
  return node?.kind === 'scalar' ? { text: String(node.value), place: node.place } : undefined;
}

/** The scalars of a list (or the one scalar), as texts. */
export function textsOf(node: YamlNode | undefined): { text: string; place: Place }[] {
  const items = node === undefined ? [] : node.kind === 'list' ? node.items : [node];
  return items.flatMap((item) => (item.kind === 'scalar' && item.value !== null ? [{ text: String(item.value), place: item.place }] : []));
}

export function itemsOf(node: LintNode): LintItem[] {
  return node.kind === 'item' ? [node] : node.children.flatMap(itemsOf);
}

/** Runs what may refuse, and gives the refusal instead of throwing it. */
export function refusal<Value>(run: () => Value): Value | SigmaError {
  try {
    return run();
  } catch (error) {
    if (error instanceof SigmaError) return error;
    throw error;
  }
}

/** The word of a list that differs least from the given one, where it differs by little. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const most = word.length < 5 ? 1 : 2;
  const near = words
    .map((known) => ({ known, distance: distanceOf(simple(word), simple(known), most) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.known;
}

/** Letters and digits, whatever stands between them. */
function simple(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** Letters to change, add or leave out; more than `most` counts as `most + 1`. */
function distanceOf(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most || a.length > 64) return most + 1;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? most + 1;
}
