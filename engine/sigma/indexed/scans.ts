/**
 * What one kind of event is scanned for: the literals of its witnesses, field by field, each in a scanner that finds it where it
 * must stand.
 */
import type { PathTree } from '../json/path-tree.ts';
import type { Path } from '../pipelines/paths.ts';
import type { FieldText } from './field.ts';
import type { Needle } from './gram-table.ts';
import { type GramCounts, GramScanner } from './grams.ts';
import type { Atom } from './node.ts';
import { RawKeywords } from './raw-keywords.ts';
import { Trie } from './trie.ts';
import { DASHED, FOLDED, isPlain, standsInBytes } from './units.ts';
import { isWide, WideScanner } from './wide.ts';

export interface ScanParts {
  readonly keywords: readonly Path[];
  readonly counts: GramCounts;
  /** Takes the places of the fields. */
  readonly tree: PathTree;
}

/** A literal a scanner looks for, and what finding it means. */
export interface Entry {
  readonly atom: Atom;
  readonly needle: string;
  readonly dashed: boolean;
  /** `whole`: the text must be no longer. Otherwise where it stands is settled by the scanner that finds it. */
  readonly whole: boolean;
  /** Unit classes say all there is to compare. */
  readonly plain: boolean;
}

export interface Scan {
  /** -1: all values of the event. */
  readonly slot: number;
  readonly grams: GramScanner | undefined;
  readonly wide: WideScanner | undefined;
  readonly starts: Trie | undefined;
  readonly ends: Trie | undefined;
  /** For keywords: what the event's JSON text tells. */
  readonly raw: RawKeywords | undefined;
}

/** Scanners for these witnesses, which all are scannable, and what each number that a scanner tells means. */
export function makeScans(
  atoms: readonly Atom[],
  { counts, keywords, tree }: ScanParts,
): { readonly scans: readonly Scan[]; readonly entries: readonly Entry[] } {
  const entries: Entry[] = [];
  const scans = [...Map.groupBy(atoms, (atom) => atom.slot)].map(([slot, list]) => {
    const anywhere: Needle[] = [];
    const [wide, starts, ends] = [new WideScanner(), new Trie(false), new Trie(true)];
    const used = new Set<unknown>();
    const needles: string[] = [];
    for (const [found, where] of list.flatMap(entriesOf)) {
      const { needle, dashed } = found;
      const entry = entries.push(found) - 1;
      needles.push(needle);
      const scanner = where === 'starts' ? starts : where === 'ends' ? ends : isWide(needle) ? wide : undefined;
      if (scanner === undefined) anywhere.push({ literal: needle, entry, dashed });
      else scanner.add(needle, entry);
      used.add(scanner);
    }
    const kept = <Scanner>(scanner: Scanner): Scanner | undefined => (used.has(scanner) ? scanner : undefined);
    return {
      slot,
      grams: used.has(undefined) ? new GramScanner(anywhere, counts) : undefined,
      wide: kept(wide),
      starts: kept(starts),
      ends: kept(ends),
      raw: slot < 0 ? RawKeywords.make(needles, { paths: keywords, tree, counts }) : undefined,
    };
  });
  return { scans, entries };
}

/** The literals of a witness, and where in a text each must stand. */
function entriesOf(atom: Atom): [Entry, 'starts' | 'ends' | 'anywhere'][] {
  const { plan } = atom;
  const dashed = plan.test.kind === 'string' && plan.test.dashes;
  const form = atom.scanned ? plan.form : 'contains';
  const where = form === 'starts' ? 'starts' : form === 'ends' || form === 'equals' ? 'ends' : 'anywhere';
  return (atom.scanned ? [plan.literal] : (plan.needles ?? [])).map((needle) => {
    return [{ atom, needle, dashed, whole: form === 'equals', plain: isPlain(needle) }, where];
  });
}

/** True when the entry's literal is at that place of the text's bytes, or of the text. */
export function stands({ needle, dashed }: Entry, text: FieldText, start: number): boolean {
  if (text.ascii) return standsInBytes(needle, text, start, dashed ? DASHED : FOLDED);
  return (dashed ? text.dashed : text.folded).startsWith(needle, start);
}

/** True for a test that a literal announces; a list of one-unit needles would announce too much. */
export function isScannable({ plan, scanned, datePart }: Atom): boolean {
  if (scanned) return true;
  return datePart === undefined && plan.needles !== undefined && plan.needles.every((needle) => needle.length > 0);
}
