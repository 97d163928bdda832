/**
 * The events of all groups, in typed columns: a group owns a block of 1, 2, 4 … places, which it uses as a ring. An event costs
 * about 46 bytes and no object of its own.
 */
import { Interner } from './interner.ts';

const SMALL_PAGE = 4096;
/** Address = page × this + place in the page; also the largest block. */
const STRIDE = 65_536;
const ID_BYTES = 24;
/** Marks an id that is not short ASCII and stands among the texts. */
const LONG = 255;

export const MAX_BLOCK = STRIDE;

interface Page {
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly carried: Uint32Array;
  readonly rules: Uint8Array;
  readonly joined: Uint8Array;
  readonly ids: Uint8Array;
}

/** One event as it is put in and taken out. `value`: a number, or the number of an interned text. `carried`: of an interned text, or 0. */
export interface Entry {
  time: number;
  rule: number;
  id: string;
  value: number;
  carried: number;
  /** Which matches it is part of: the marks of `periods.ts`. */
  joined: number;
}

export class Slab {
  readonly texts = new Interner();
  private readonly pages: Page[] = [];
  /** Free blocks by size class. */
  private readonly free: number[][] = [];

  /** A block of 2^sizeClass places. */
  allocate(sizeClass: number): number {
    const list = (this.free[sizeClass] ??= []);
    const found = list.pop();
    if (found !== undefined) return found;
    const size = 1 << sizeClass;
    const places = Math.max(size, SMALL_PAGE);
    const start = this.pages.length * STRIDE;
    this.pages.push(newPage(places));
    for (let at = places - size; at > 0; at -= size) list.push(start + at);
    return start;
  }

  release(block: number, sizeClass: number): void {
    (this.free[sizeClass] ??= []).push(block);
  }

  time(at: number): number {
    return this.page(at).times[at % STRIDE] ?? 0;
  }

  rule(at: number): number {
    return this.page(at).rules[at % STRIDE] ?? 0;
  }

  value(at: number): number {
    return this.page(at).values[at % STRIDE] ?? 0;
  }

  carried(at: number): number {
    return this.page(at).carried[at % STRIDE] ?? 0;
  }

  joined(at: number): number {
    return this.page(at).joined[at % STRIDE] ?? 0;
  }

  setJoined(at: number, joined: number): void {
    this.page(at).joined[at % STRIDE] = joined;
  }

  id(at: number): string {
    const { ids } = this.page(at);
    const from = (at % STRIDE) * ID_BYTES;
    const length = ids[from] ?? 0;
    if (length === LONG) return this.texts.text(readNumber(ids, from + 1));
    let text = '';
    for (let i = 1; i <= length; i++) text += String.fromCharCode(ids[from + i] ?? 0);
    return text;
  }

  put(at: number, entry: Entry): void {
    const page = this.page(at);
    const place = at % STRIDE;
    page.times[place] = entry.time;
    page.rules[place] = entry.rule;
    page.values[place] = entry.value;
    page.carried[place] = entry.carried;
    page.joined[place] = entry.joined;
    const from = place * ID_BYTES;
    if (isShort(entry.id)) {
      page.ids[from] = entry.id.length;
      for (let i = 0; i < entry.id.length; i++) page.ids[from + 1 + i] = entry.id.charCodeAt(i);
    } else {
      page.ids[from] = LONG;
      writeNumber(page.ids, from + 1, this.texts.hold(entry.id));
    }
  }

  /** Gives back what the event at a place holds besides its place. */
  clear(at: number): void {
    const { ids } = this.page(at);
    const from = (at % STRIDE) * ID_BYTES;
    if (ids[from] === LONG) this.texts.release(readNumber(ids, from + 1));
  }

  move(from: number, to: number): void {
    const [source, target] = [this.page(from), this.page(to)];
    const [a, b] = [from % STRIDE, to % STRIDE];
    target.times[b] = source.times[a] ?? 0;
    target.rules[b] = source.rules[a] ?? 0;
    target.values[b] = source.values[a] ?? 0;
    target.carried[b] = source.carried[a] ?? 0;
    target.joined[b] = source.joined[a] ?? 0;
    if (source === target) source.ids.copyWithin(b * ID_BYTES, a * ID_BYTES, (a + 1) * ID_BYTES);
    else target.ids.set(source.ids.subarray(a * ID_BYTES, (a + 1) * ID_BYTES), b * ID_BYTES);
  }

  private page(at: number): Page {
    const page = this.pages[Math.floor(at / STRIDE)];
    if (page === undefined) throw new RangeError(`no page holds ${at}`);
    return page;
  }
}

function newPage(places: number): Page {
  return {
    times: new Float64Array(places),
    values: new Float64Array(places),
    carried: new Uint32Array(places),
    rules: new Uint8Array(places),
    joined: new Uint8Array(places),
    ids: new Uint8Array(places * ID_BYTES),
  };
}

function isShort(id: string): boolean {
  if (id.length >= ID_BYTES) return false;
  for (let i = 0; i < id.length; i++) if (id.charCodeAt(i) > 127) return false;
  return true;
}

function readNumber(bytes: Uint8Array, at: number): number {
  return (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;
}

function writeNumber(bytes: Uint8Array, at: number, number: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = number >>> (24 - 8 * i);
}
