/** One byte per UTF-16 code unit, the same for units that fold to the same: what scanners look at instead of folded texts. */
import { fold, foldDashes } from '../match/fold.ts';

const SURROGATE = 0xff;

/** Class of each code unit. ASCII letters are their lower case; the five dashes are one; others share 127 classes. */
export const CLASSES: Uint8Array = makeClasses();

function makeClasses(): Uint8Array {
  const classes = new Uint8Array(65_536);
  for (let unit = 0; unit < 65_536; unit++) {
    const folded = foldDashes(fold(String.fromCharCode(unit))).charCodeAt(0);
    const surrogate = unit >= 0xd800 && unit <= 0xdfff;
    classes[unit] = surrogate ? SURROGATE : folded < 128 ? folded : 128 + ((folded * 31) % 127);
  }
  return classes;
}

/**
 * Byte of each code unit, folded: what a scanner of words looks at in a text that is not ASCII. The dashes outside ASCII are the one
 * inside; units that fold to nothing in ASCII share bytes.
 */
export const LETTERS: Uint8Array = makeLetters();

function makeLetters(): Uint8Array {
  const letters = new Uint8Array(65_536);
  for (let unit = 0; unit < 65_536; unit++) {
    const folded = fold(String.fromCharCode(unit)).charCodeAt(0);
    const dash = folded > 127 && foldDashes(String.fromCharCode(folded)) === '-';
    letters[unit] = dash ? 0x2d : folded < 128 ? folded : 0x80 | (folded & 0x7f);
  }
  return letters;
}

/** True when texts of the same classes are the same folded text: nothing is left to compare. */
export function isPlain(folded: string): boolean {
  return /^[\0-,.0-\u007F]*$/.test(folded);
}

/** ASCII bytes folded, and the same with the slash taken for a dash. */
export const FOLDED = CLASSES.slice(0, 256).map((_, byte) => fold(String.fromCharCode(byte)).charCodeAt(0) & 0xff);
export const DASHED = FOLDED.map((byte) => (byte === 0x2f ? 0x2d : byte));

/** True when the literal, folded, stands at that place of ASCII bytes; `table`: FOLDED or DASHED. */
export function standsInBytes(
  literal: string,
  at: { readonly bytes: Uint8Array; readonly to: number },
  start: number,
  table: Uint8Array,
): boolean {
  const { length } = literal;
  if (start + length > at.to) return false;
  const { bytes } = at;
  for (let unit = length - 1; unit >= 0; unit--) if (literal.charCodeAt(unit) !== table[bytes[start + unit] ?? 0]) return false;
  return true;
}
