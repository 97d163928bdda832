/** From a hash of a few units to the literals that hold them there. */
import type { Hit } from './grams.ts';
import { CLASSES, LETTERS } from './units.ts';

/** A text as ASCII bytes, one byte at least standing before it; `view` is of the same bytes. */
export interface Bytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly from: number;
  readonly to: number;
}

export interface Needle {
  /** Folded; at least one unit. */
  readonly literal: string;
  readonly entry: number;
  /** Its dash stands for the slash as well. */
  readonly dashed: boolean;
}

/** How often four-unit groups occur in the literals of all rules: what many rules look for is frequent in events, too. */
export class GramCounts {
  private readonly counts = new Uint32Array(65_536);

  add(literal: string): void {
    for (let end = 3; end < literal.length; end++) {
      const gram = rolled(literal, end, 4) & 0xffff;
      this.counts[gram] = (this.counts[gram] ?? 0) + 1;
    }
  }

  of(literal: string, end: number): number {
    return end < 3 ? 0 : (this.counts[rolled(literal, end, 4) & 0xffff] ?? 0);
  }
}

/** Four bits more for each of the `size` units that end at `end`. */
function rolled(text: string, end: number, size: number): number {
  let value = 0;
  for (let at = Math.max(0, end - size + 1); at <= end; at++) value = (value << ROLL) ^ (CLASSES[text.charCodeAt(at)] ?? 0);
  return value;
}

const ROLL = 4;
/** Makes upper case lower, and some other bytes one: a little-endian word of letters, its high bits mixed. */
const LOWER = 0x20202020;
const MIX = 0x9e3779b1;
/** Units of the literals looked for at every place, in bits of their hash. */
const SHORT_BITS = 12;
const [DASH, SLASH] = [0x2d, 0x2f];
const MOST_HEAD_BITS = 14;
/** Groups are taken from the beginning of a literal, so that their places fit; and where the parts of a packed word stand. */
const PLACE = 0x1ff;
const PROBE_AT = 9;
const CLASS_AT = 18;
const UPPER_AT = 26;

export class GramTable {
  readonly counts: GramCounts;
  /** Units in a group: 4 or 3 where every `step`-th place is looked at, less where every place is. */
  readonly size: number;
  readonly step: number;
  /** The hash is the upper bits of the mixed word. */
  readonly shift: number;
  readonly bits: Uint8Array;
  /** First link of the chain, by the lower bits of the hash; 0: there is none. */
  private readonly heads: Int32Array;
  private readonly headBits: number;
  /**
   * Three words a link, which lie together in the cache: the next link, the entry, and packed: from the start of the literal to the
   * last unit of its group; another unit of the literal, from its start, and its class (most chance hits end there); the upper bits
   * of the hash.
   */
  private links = new Int32Array(3 * 64);
  private count = 1;

  constructor(needles: readonly Needle[], counts: GramCounts) {
    this.counts = counts;
    const shortest = needles.reduce((least, { literal }) => Math.min(least, literal.length), Infinity);
    this.size = shortest >= 7 ? 4 : shortest >= 4 ? 3 : 2;
    this.step = this.size === 2 ? 1 : Math.min(shortest - this.size + 1, 16);
    const groups = this.size === 2 ? 1 << SHORT_BITS : needles.length * this.step;
    const width = this.size === 2 ? SHORT_BITS : Math.min(17, Math.max(12, 37 - Math.clz32(groups)));
    this.shift = 32 - width;
    this.bits = new Uint8Array((1 << width) / 8);
    this.headBits = Math.min(width, MOST_HEAD_BITS);
    this.heads = new Int32Array(1 << this.headBits);
    for (const needle of needles) {
      if (this.size === 2) this.addShort(needle);
      else this.add(needle);
    }
  }

  inBytes(gram: number, end: number, { bytes, from }: Bytes, hit: Hit): void {
    const { links } = this;
    const upper = gram >>> this.headBits;
    for (let link = this.head(gram); link !== 0; link = links[link] ?? 0) {
      const packed = links[link + 2] ?? 0;
      if (packed >>> UPPER_AT !== upper) continue;
      const start = end - (packed & PLACE);
      if (start >= from && CLASSES[bytes[start + ((packed >>> PROBE_AT) & PLACE)] ?? 0] === ((packed >>> CLASS_AT) & 0xff))
        hit(links[link + 1] ?? 0, start);
    }
  }

  inText(gram: number, end: number, hit: Hit): void {
    const { links } = this;
    const upper = gram >>> this.headBits;
    for (let link = this.head(gram); link !== 0; link = links[link] ?? 0) {
      const packed = links[link + 2] ?? 0;
      const start = end - (packed & PLACE);
      if (packed >>> UPPER_AT === upper && start >= 0) hit(links[link + 1] ?? 0, start);
    }
  }

  private head(gram: number): number {
    return this.heads[gram & (this.heads.length - 1)] ?? 0;
  }

  /** One to three units, looked for at every place: what stands before them in the hash may be anything. */
  private addShort({ literal, entry }: Needle): void {
    const { length } = literal;
    // The hash after a text that ends in these units ends in these bits.
    const fixed = (1 << (length * ROLL)) - 1;
    const known = rolled(literal, length - 1, length) & fixed;
    const one = { entry, end: length - 1, probe: 0, literal };
    for (let above = 0; above < 1 << SHORT_BITS; above += fixed + 1) this.put(known | above, one);
  }

  /** Puts `step` groups in a row, so that one of them ends at a place looked at: those rarest in rules. */
  private add({ literal, entry, dashed }: Needle): void {
    const { size, step } = this;
    let best = size - 1;
    let least = Infinity;
    for (let first = size - 1; first + step - 1 < Math.min(literal.length, PLACE); first++) {
      let worst = 0;
      for (let end = first; end < first + step; end++) worst = Math.max(worst, this.counts.of(literal, end));
      if (worst < least) [best, least] = [first, worst];
    }
    for (let end = best; end < best + step; end++) {
      const probe = end - size >= 0 ? end - size : Math.min(end + 1, literal.length - 1, PLACE);
      for (const gram of this.gramsOf(literal, end, dashed)) this.put(gram, { entry, end, probe, literal });
    }
  }

  /** Hashes of the group that ends there: several where it has a dash that may be a slash. */
  private gramsOf(literal: string, end: number, dashed: boolean): Set<number> {
    let words = [0];
    for (let at = end; at > end - this.size; at--) {
      const letter = LETTERS[literal.charCodeAt(at)] ?? 0;
      const letters = dashed && letter === DASH ? [DASH, SLASH] : [letter];
      words = words.flatMap((word) => letters.map((one) => (word << 8) | one));
    }
    return new Set(words.map((word) => hashOf(word, this.shift)));
  }

  private put(gram: number, one: { readonly entry: number; readonly end: number; readonly probe: number; readonly literal: string }): void {
    this.bits[gram >> 3] = (this.bits[gram >> 3] ?? 0) | (1 << (gram & 7));
    const link = 3 * this.count++;
    if (link === this.links.length) this.grow();
    const place = gram & (this.heads.length - 1);
    this.links[link] = this.heads[place] ?? 0;
    this.links[link + 1] = one.entry;
    const letter = CLASSES[one.literal.charCodeAt(one.probe)] ?? 0;
    this.links[link + 2] = one.end | (one.probe << PROBE_AT) | (letter << CLASS_AT) | ((gram >>> this.headBits) << UPPER_AT);
    this.heads[place] = link;
  }

  private grow(): void {
    const larger = new Int32Array(this.links.length * 2);
    larger.set(this.links);
    this.links = larger;
  }
}

/** Of four units, the first in the lowest byte; of three, which leave the highest byte empty. */
export function hashOf(word: number, shift: number): number {
  return Math.imul(word | LOWER, MIX) >>> shift;
}
