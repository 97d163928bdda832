/** Records that no published sample holds: every value type, arrays, nesting, mixed content. Compared with the Rust parser. */
import { buildEvtx, utf16 } from './build.ts';
import type { BuiltRecord, Content, Value } from './build.ts';

function number(size: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt.asIntN(64, value));
  return bytes.subarray(0, size);
}

function real(size: 4 | 8, value: number): Buffer {
  const bytes = Buffer.alloc(size);
  if (size === 4) bytes.writeFloatLE(value);
  else bytes.writeDoubleLE(value);
  return bytes;
}

const SYSTEM_TIME = Buffer.from(Uint16Array.of(2026, 11, 0, 22, 4, 30, 15, 123).buffer);
const GUID = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const SID = Buffer.from('0105000000000005150000000102030405060708090a0b0cf4010000', 'hex');

/** Name → a value of that type. */
export const VALUES: Readonly<Record<string, Value>> = {
  null: { type: 0, bytes: Buffer.alloc(0) },
  string: { type: 1, bytes: utf16('Vọng "Gác" \\ \u0007 𝒳 </x>') },
  stringNul: { type: 1, bytes: utf16('before\0after') },
  ansi: { type: 2, bytes: Buffer.from('caf\u00e9\0', 'latin1') },
  int8: { type: 3, bytes: number(1, -5n) },
  uint8: { type: 4, bytes: number(1, 250n) },
  int16: { type: 5, bytes: number(2, -300n) },
  uint16: { type: 6, bytes: number(2, 65_000n) },
  int32: { type: 7, bytes: number(4, -70_000n) },
  uint32: { type: 8, bytes: number(4, 4_000_000_000n) },
  int64: { type: 9, bytes: number(8, -9_007_199_254_740_993n) },
  uint64: { type: 10, bytes: number(8, 18_446_744_073_709_551_615n) },
  real32: { type: 11, bytes: real(4, 0.1) },
  real64: { type: 12, bytes: real(8, 3) },
  realSmall: { type: 12, bytes: real(8, 1.5e-7) },
  realLarge: { type: 12, bytes: real(8, 1.25e21) },
  true: { type: 13, bytes: number(4, 1n) },
  false: { type: 13, bytes: number(4, 0n) },
  binary: { type: 14, bytes: Buffer.from('00ff10ab', 'hex') },
  guid: { type: 15, bytes: GUID },
  size4: { type: 16, bytes: number(4, 4096n) },
  size8: { type: 16, bytes: number(8, 2n ** 40n) },
  filetime: { type: 17, bytes: number(8, 133_769_123_456_789_012n) },
  filetimeZero: { type: 17, bytes: number(8, 0n) },
  systemTime: { type: 18, bytes: SYSTEM_TIME },
  sid: { type: 19, bytes: SID },
  hex32: { type: 20, bytes: number(4, 0xdeadn) },
  hex64: { type: 21, bytes: number(8, 0x8000_0000_0000_0000n) },
  stringArray: { type: 0x81, bytes: utf16('one\0\0three\0') },
  uint16Array: { type: 0x86, bytes: Buffer.concat([number(2, 1n), number(2, 2n), number(2, 3n)]) },
  uint16ArrayOfOne: { type: 0x86, bytes: number(2, 7n) },
  guidArray: { type: 0x8f, bytes: Buffer.concat([GUID, GUID]) },
  filetimeArray: { type: 0x91, bytes: Buffer.concat([number(8, 133_769_123_456_789_012n), number(8, 133_769_123_456_789_022n)]) },
  sidArray: { type: 0x93, bytes: Buffer.concat([SID, SID]) },
  hex32Array: { type: 0x94, bytes: Buffer.concat([number(4, 1n), number(4, 255n)]) },
  hex64Array: { type: 0x95, bytes: Buffer.concat([number(8, 1n), number(8, 2n ** 33n)]) },
  booleanArray: { type: 0x8d, bytes: Buffer.concat([number(4, 1n), number(4, 0n)]) },
  realArray: { type: 0x8c, bytes: Buffer.concat([real(8, 1.5), real(8, -2)]) },
  emptyString: { type: 1, bytes: Buffer.alloc(0) },
};

const sub = (substitute: number, optional = false, type = 1): Content => ({ substitute, optional, type });
const data = (name: string, ...children: Content[]): Content => ({ element: 'Data', attributes: { Name: [name] }, children });
const event = (...children: Content[]): Content => ({ element: 'Event', children });
const eventData = (...children: Content[]): Content => event({ element: 'EventData', children });

/** Each value in a named `Data`, an unnamed one, an attribute, mixed with text, and alone in an element of another name. */
function places(value: Value, optional: boolean): BuiltRecord[] {
  const at = sub(0, optional, value.type);
  return [
    { template: eventData(data('v', at)), values: [value] },
    { template: eventData({ element: 'Data', children: [at] }), values: [value] },
    { template: event({ element: 'Thing', attributes: { a: [at], b: ['c'] } }), values: [value] },
    { template: event({ element: 'Thing', children: ['<', at, '>'] }), values: [value] },
    { template: event({ element: 'Thing', children: [at] }, { element: 'Thing', children: ['x'] }), values: [value] },
  ];
}

const SHAPES: Readonly<Record<string, BuiltRecord>> = {
  repeated: { template: event(...['A', 'B', 'A', 'A'].map((element): Content => ({ element, children: [element] }))), values: [] },
  mixed: { template: event({ element: 'X', children: ['text', { element: 'Y', children: ['y'] }, 'more'] }), values: [] },
  textAndAttribute: { template: event({ element: 'X', attributes: { q: ['1'] }, children: ['text'] }), values: [] },
  unnamedData: {
    template: eventData(...['a', '', 'c'].map((text): Content => ({ element: 'Data', children: text === '' ? [] : [text] }))),
    values: [],
  },
  dataBesideOthers: {
    template: eventData(data('n', 'v'), { element: 'Binary', children: ['00'] }, { element: 'Data', children: ['unnamed'] }),
    values: [],
  },
  userData: {
    template: event({
      element: 'UserData',
      children: [{ element: 'Change', attributes: { xmlns: ['u'] }, children: [{ element: 'F', children: ['1'] }] }],
    }),
    values: [],
  },
  empty: { template: event({ element: 'Empty' }, { element: 'EventData' }), values: [] },
  missingValue: { template: eventData(data('v', sub(7))), values: [] },
  twoValues: { template: eventData(data('v', sub(0), sub(1))), values: [VALUES['uint8']!, VALUES['int16']!] },
  entity: { template: event({ element: 'X', children: ['a', { entity: 'amp' }, 'b'] }), values: [] },
  entities: {
    template: event({ element: 'X', children: ['lt', 'gt', 'quot', 'apos', 'unknown'].map((entity) => ({ entity })) }),
    values: [],
  },
  instruction: { template: event({ element: 'X', children: ['a', { instruction: 'target', data: 'some data' }] }), values: [] },
  cdata: { template: event({ element: 'X', children: [{ cdata: 'a < b' }] }), values: [] },
  nested: nest(1, eventData(data('v', sub(0), 'x'))),
  nestedTwice: nest(3, eventData(data('v', sub(0)))),
};

/** A record whose template holds a value of type BinXml, and so on, `levels` deep. */
export function nest(levels: number, innermost: Content): BuiltRecord {
  let record: BuiltRecord = { template: innermost, values: [VALUES['string']!] };
  for (let level = 0; level < levels; level++) {
    record = { template: { element: `L${level}`, children: [sub(0, true, 0x21)] }, values: [{ type: 0x21, nested: record }] };
  }
  return record;
}

/** Name → a file of one record each, so that one the other parser refuses does not hide the others. */
export function cases(): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const [name, value] of Object.entries(VALUES)) {
    places(value, false).forEach((record, index) => found.set(`${name}-${index}`, buildEvtx([record])));
    places(value, true).forEach((record, index) => found.set(`${name}-optional-${index}`, buildEvtx([record])));
  }
  for (const [name, record] of Object.entries(SHAPES)) found.set(name, buildEvtx([record]));
  return found;
}
