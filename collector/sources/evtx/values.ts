import { Malformed } from './malformed.ts';
import type { JsonOutput } from './output.ts';
import { filetimeText, systemTimeText } from './time.ts';

/** Value types of BinXML. With `ARRAY` set, the value is a run of items of that type. */
export const TYPE = {
  null: 0x00,
  string: 0x01,
  ansi: 0x02,
  int8: 0x03,
  uint8: 0x04,
  int16: 0x05,
  uint16: 0x06,
  int32: 0x07,
  uint32: 0x08,
  int64: 0x09,
  uint64: 0x0a,
  real32: 0x0b,
  real64: 0x0c,
  boolean: 0x0d,
  binary: 0x0e,
  guid: 0x0f,
  size: 0x10,
  filetime: 0x11,
  systemTime: 0x12,
  sid: 0x13,
  hex32: 0x14,
  hex64: 0x15,
  binXml: 0x21,
} as const;

export const ARRAY = 0x80;

/** Bytes of one value, by type; 0 where the length is the value's own. */
const WIDTHS: Readonly<Record<number, number>> = {
  [TYPE.int8]: 1,
  [TYPE.uint8]: 1,
  [TYPE.int16]: 2,
  [TYPE.uint16]: 2,
  [TYPE.int32]: 4,
  [TYPE.uint32]: 4,
  [TYPE.int64]: 8,
  [TYPE.uint64]: 8,
  [TYPE.real32]: 4,
  [TYPE.real64]: 8,
  [TYPE.boolean]: 4,
  [TYPE.guid]: 16,
  [TYPE.filetime]: 8,
  [TYPE.systemTime]: 16,
  [TYPE.hex32]: 4,
  [TYPE.hex64]: 8,
};

/** Bytes of one value of a type, or 0 when the type has no fixed width. */
export function widthOf(type: number): number {
  return WIDTHS[type] ?? 0;
}

/** A value in the chunk: where and what. */
export interface ValueAt {
  readonly type: number;
  readonly start: number;
  readonly size: number;
}

/** True for the types written as a JSON number or boolean when they stand alone. */
export function isLiteral(type: number): boolean {
  return (type >= TYPE.int8 && type <= TYPE.uint64) || type === TYPE.boolean;
}

/** True when the value has no text: NULL, or zero bytes of a type with its own length, or a string that begins with NUL. */
export function isEmpty(bytes: Buffer, type: number, start: number, size: number): boolean {
  if (type === TYPE.null || size === 0) return true;
  if (type === TYPE.string) return size < 2 || (bytes[start] === 0 && bytes[start + 1] === 0);
  if (type === TYPE.ansi) return size === 1 && bytes[start] === 0;
  return false;
}

/** Items of an array value. Strings end with NUL each; a last one without it counts. */
export function arrayItems(bytes: Buffer, { type, start, size }: ValueAt): ValueAt[] {
  const item = type & ~ARRAY;
  const end = start + size;
  if (item === TYPE.string) return stringItems(bytes, start, end);
  if (item === TYPE.ansi) return ansiItems(bytes, start, end);
  const items: ValueAt[] = [];
  for (let at = start; at < end;) {
    const width = item === TYPE.sid ? 8 + 4 * (bytes[at + 1] ?? 0) : widthOf(item);
    if (width === 0) return [];
    if (at + width > end) throw new Malformed(`array of type 0x${type.toString(16)} ends inside an item`, at);
    items.push({ type: item, start: at, size: width });
    at += width;
  }
  return items;
}

function stringItems(bytes: Buffer, start: number, end: number): ValueAt[] {
  const items: ValueAt[] = [];
  let from = start;
  for (let at = start; at + 1 < end; at += 2) {
    if (bytes[at] !== 0 || bytes[at + 1] !== 0) continue;
    items.push({ type: TYPE.string, start: from, size: at - from });
    from = at + 2;
  }
  if (from + 1 < end) items.push({ type: TYPE.string, start: from, size: end - from });
  return items;
}

function ansiItems(bytes: Buffer, start: number, end: number): ValueAt[] {
  const items: ValueAt[] = [];
  let from = start;
  for (let at = start; at < end; at++) {
    if (bytes[at] !== 0) continue;
    items.push({ type: TYPE.ansi, start: from, size: at - from });
    from = at + 1;
  }
  if (from < end) items.push({ type: TYPE.ansi, start: from, size: end - from });
  return items;
}

/** Writes the value's text (inside of a JSON string, or the whole literal). Throws `Malformed` for sizes that do not fit the type. */
export function writeValue(out: JsonOutput, bytes: Buffer, value: ValueAt): void {
  const { type, start, size } = value;
  if (type === TYPE.string) return out.utf16(bytes, start, endOfString(bytes, start, size));
  if (type === TYPE.null || size === 0) return;
  if (type & ARRAY) return writeList(out, bytes, value);
  const width = widthOf(type);
  if (size < width) throw new Malformed(`value of type 0x${type.toString(16)} has ${size} bytes, not ${width}`, start);
  if (type <= TYPE.boolean && type >= TYPE.int8) return out.plain(numberText(bytes, type, start));
  writeSpecial(out, bytes, value);
}

function writeSpecial(out: JsonOutput, bytes: Buffer, { type, start, size }: ValueAt): void {
  switch (type) {
    case TYPE.hex32:
      return out.plain(`0x${bytes.readUInt32LE(start).toString(16)}`);
    case TYPE.hex64:
      return out.plain(hex64(bytes, start));
    case TYPE.guid:
      return writeGuid(out, bytes, start);
    case TYPE.filetime:
      return out.plain(filetimeText(bytes.readUInt32LE(start), bytes.readUInt32LE(start + 4)));
    case TYPE.sid:
      return out.plain(sidText(bytes, start, size));
    case TYPE.binary:
      return out.hex(bytes, start, start + size);
    case TYPE.systemTime:
      return out.plain(systemTimeText(bytes, start));
    case TYPE.ansi:
      return writeAnsi(out, bytes.subarray(start, start + size));
    case TYPE.size:
      if (size !== 4 && size !== 8) throw new Malformed(`SIZE_T of ${size} bytes`, start);
      return out.plain(size === 4 ? `0x${bytes.readUInt32LE(start).toString(16)}` : hex64(bytes, start));
    default:
      throw new Malformed(`unknown value type 0x${type.toString(16)}`, start);
  }
}

function writeList(out: JsonOutput, bytes: Buffer, value: ValueAt): void {
  let first = true;
  for (const item of arrayItems(bytes, value)) {
    if (!first) out.byte(0x2c);
    first = false;
    writeValue(out, bytes, item);
  }
}

function endOfString(bytes: Buffer, start: number, size: number): number {
  const end = start + (size & ~1);
  for (let at = start; at < end; at += 2) if (bytes[at] === 0 && bytes[at + 1] === 0) return at;
  return end;
}

function numberText(bytes: Buffer, type: number, at: number): string {
  switch (type) {
    case TYPE.int8:
      return String(bytes.readInt8(at));
    case TYPE.uint8:
      return String(bytes[at]);
    case TYPE.int16:
      return String(bytes.readInt16LE(at));
    case TYPE.uint16:
      return String(bytes.readUInt16LE(at));
    case TYPE.int32:
      return String(bytes.readInt32LE(at));
    case TYPE.uint32:
      return String(bytes.readUInt32LE(at));
    case TYPE.int64:
      return String(bytes.readBigInt64LE(at));
    case TYPE.uint64:
      return bytes.readUInt32LE(at + 4) === 0 ? String(bytes.readUInt32LE(at)) : String(bytes.readBigUInt64LE(at));
    case TYPE.real32:
      return realText(bytes.readFloatLE(at), true);
    case TYPE.real64:
      return realText(bytes.readDoubleLE(at), false);
    default:
      return bytes.readInt32LE(at) === 0 ? 'false' : 'true';
  }
}

/** The shortest text that reads back as the same value of its width; always with a point or an exponent. */
function realText(value: number, single: boolean): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'inf' : '-inf';
  const text = single ? shortestSingle(value) : String(value);
  if (Object.is(value, -0)) return '-0.0';
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** Nine digits tell every single apart; the first that read back are the shortest. */
function shortestSingle(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return String(candidate);
  }
  return String(Number(value.toPrecision(9)));
}

function hex64(bytes: Buffer, at: number): string {
  const high = bytes.readUInt32LE(at + 4);
  const low = bytes.readUInt32LE(at).toString(16);
  return high === 0 ? `0x${low}` : `0x${high.toString(16)}${low.padStart(8, '0')}`;
}

const GUID_ORDER = [3, 2, 1, 0, -1, 5, 4, -1, 7, 6, -1, 8, 9, -1, 10, 11, 12, 13, 14, 15];

function writeGuid(out: JsonOutput, bytes: Buffer, at: number): void {
  for (const index of GUID_ORDER) {
    if (index < 0) out.byte(0x2d);
    else out.hex(bytes, at + index, at + index + 1);
  }
}

/** `S-<revision>-<authority>-<sub-authorities…>`; as many sub-authorities as are there. */
function sidText(bytes: Buffer, start: number, size: number): string {
  if (size < 8) throw new Malformed(`SID of ${size} bytes`, start);
  const count = Math.min(bytes[start + 1] ?? 0, (size - 8) >> 2);
  let text = `S-${bytes[start]}-${bytes.readUIntBE(start + 2, 6)}`;
  for (let index = 0; index < count; index++) text += `-${bytes.readUInt32LE(start + 8 + index * 4)}`;
  return text;
}

const WINDOWS_1252 = new TextDecoder('windows-1252');

function writeAnsi(out: JsonOutput, bytes: Buffer): void {
  const nul = bytes.indexOf(0);
  const text = WINDOWS_1252.decode(nul < 0 ? bytes : bytes.subarray(0, nul));
  const units = Buffer.from(text, 'utf16le');
  out.utf16(units, 0, units.length);
}
