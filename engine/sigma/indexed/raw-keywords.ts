/**
 * Keyword searches on the JSON text of an event: one pass over it tells that no keyword can be in any value, which is so for nearly
 * every event, and costs a fraction of visiting the values. Finding something only means that the values must be visited.
 */
import { type PathTree, ROOT } from '../json/path-tree.ts';
import { ABSENT, COMPLEX, type JsonReader, LISTED } from '../json/reader.ts';
import type { Path } from '../pipelines/paths.ts';
import { foldDashes } from '../match/fold.ts';
import { type GramCounts, GramScanner } from './grams.ts';
import { DASHED, standsInBytes } from './units.ts';

/** Shorter literals would be found in every text; numbers need not be written in JSON as they are in texts; bytes are ASCII. */
const SHORTEST = 4;
const NUMBERS = /^[\d.e+-]+$/;
/** First byte of the units outside ASCII that fold to ASCII: the Kelvin sign and three dashes. */
const FOLDS_TO_ASCII = 0xe2;
const WIDE = /[^\0-\u007F]/;
const NOTHING = new Uint8Array();

interface Parts {
  /** Places a keyword search reads. */
  readonly nodes: readonly number[];
  readonly counts: GramCounts;
}

export class RawKeywords {
  private readonly needles: readonly string[];
  private readonly scanner: GramScanner;
  private readonly nodes: readonly number[];
  private readonly part: { bytes: Uint8Array; view: DataView; from: number; to: number };
  private found = false;

  private constructor(needles: readonly string[], { nodes, counts }: Parts) {
    this.part = { bytes: NOTHING, view: new DataView(NOTHING.buffer), from: 0, to: 0 };
    this.needles = needles;
    this.nodes = nodes;
    this.scanner = new GramScanner(
      needles.map((literal, entry) => ({ literal, entry, dashed: true })),
      counts,
    );
  }

  /** Undefined where the text cannot answer for these needles (folded). */
  static make(
    needles: readonly string[],
    { paths, tree, counts }: Omit<Parts, 'nodes'> & { readonly paths: readonly Path[]; readonly tree: PathTree },
  ): RawKeywords | undefined {
    const fit = needles.every((needle) => needle.length >= SHORTEST && !NUMBERS.test(needle) && !WIDE.test(needle));
    if (!fit || paths.some((path) => path.includes('*'))) return undefined;
    const nodes = paths.map((path) => tree.add(path));
    return new RawKeywords(
      needles.map((needle) => foldDashes(escape(needle))),
      { nodes, counts },
    );
  }

  /** False only when no value of the event at and below the places of keywords holds one of the needles. */
  mayHold(json: JsonReader): boolean {
    if (json.respelled || (json.wide && json.bytes.includes(FOLDS_TO_ASCII))) return true;
    this.found = false;
    for (const node of this.nodes) {
      const kind = node === ROOT ? COMPLEX : json.kindOf(node);
      if (kind === LISTED) return true;
      if (kind !== ABSENT) this.scan(json, node);
      if (this.found) return true;
    }
    return false;
  }

  private scan({ bytes, view, starts, ends }: JsonReader, node: number): void {
    this.part.bytes = bytes;
    this.part.view = view;
    // The brace before everything is in no value.
    this.part.from = node === ROOT ? 1 : (starts[node] ?? 0);
    this.part.to = node === ROOT ? bytes.length : (ends[node] ?? 0);
    this.scanner.scanBytes(this.part, this.onGram);
  }

  private readonly onGram = (number: number, start: number): void => {
    if (!this.found) this.found = standsInBytes(this.needles[number] ?? '', this.part, start, DASHED);
  };
}

function escape(needle: string): string {
  return JSON.stringify(needle).slice(1, -1);
}
