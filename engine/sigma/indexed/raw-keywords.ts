/**
 * Keyword searches on the JSON text of an event: one pass over it tells that no keyword can be in any value, which is so for nearly
 * every event, and costs a fraction of visiting the values. Finding something only means that the values must be visited.
 */
import type { JsonReader } from '../json/reader.ts';
import { foldDashes } from '../match/fold.ts';
import { type GramCounts, GramScanner } from './grams.ts';
import { DASHED, standsInBytes } from './units.ts';

/** Shorter literals would be found in every text; numbers need not be written in JSON as they are in texts; bytes are ASCII. */
const SHORTEST = 4;
const NUMBERS = /^[\d.e+-]+$/;
/** First byte of the units outside ASCII that fold to ASCII: the Kelvin sign and three dashes. */
const FOLDS_TO_ASCII = 0xe2;
const WIDE = /[^\0-\u007F]/;

export class RawKeywords {
  private readonly needles: readonly string[];
  private readonly scanner: GramScanner;
  private readonly json: { bytes: Uint8Array; readonly from: number; to: number } = { bytes: new Uint8Array(), from: 0, to: 0 };
  private found = false;

  private constructor(needles: readonly string[], counts: GramCounts) {
    this.needles = needles;
    this.scanner = new GramScanner(
      needles.map((literal, entry) => ({ literal, entry })),
      counts,
    );
  }

  /** Undefined where the text cannot answer for these needles (folded). */
  static make(needles: readonly string[], counts: GramCounts): RawKeywords | undefined {
    const fit = needles.every((needle) => needle.length >= SHORTEST && !NUMBERS.test(needle) && !WIDE.test(needle));
    return fit
      ? new RawKeywords(
          needles.map((needle) => foldDashes(escape(needle))),
          counts,
        )
      : undefined;
  }

  /** False only when no value of the event holds one of the needles. */
  mayHold({ bytes, respelled, wide }: JsonReader): boolean {
    if (respelled || (wide && bytes.includes(FOLDS_TO_ASCII))) return true;
    this.json.bytes = bytes;
    this.json.to = bytes.length;
    this.found = false;
    this.scanner.scanBytes(this.json, this.onGram);
    return this.found;
  }

  private readonly onGram = (number: number, start: number): void => {
    if (!this.found) this.found = standsInBytes(this.needles[number] ?? '', this.json, start, DASHED);
  };
}

function escape(needle: string): string {
  return JSON.stringify(needle).slice(1, -1);
}
