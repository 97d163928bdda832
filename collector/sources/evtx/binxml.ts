/**
 * Reads BinXML into trees. Everything is bounded by the bytes at hand: each token consumes at least one byte, elements nest
 * at most `MAX_DEPTH` deep, and a template is read once per chunk.
 */
import { Malformed } from './malformed.ts';
import { EMPTY_FRAME, encodeInside } from './tree.ts';
import type { Frame, Instance, TreeElement, TreeNode } from './tree.ts';
import { TreeBuilder } from './builder.ts';
import { ARRAY, TYPE, widthOf } from './values.ts';

const TOKEN = {
  end: 0x00,
  openStart: 0x01,
  closeStart: 0x02,
  closeEmpty: 0x03,
  closeElement: 0x04,
  value: 0x05,
  attribute: 0x06,
  cdata: 0x07,
  characterReference: 0x08,
  entityReference: 0x09,
  instructionTarget: 0x0a,
  instructionData: 0x0b,
  template: 0x0c,
  substitution: 0x0d,
  optionalSubstitution: 0x0e,
  fragment: 0x0f,
} as const;

/** Set on a token that has more of its kind behind it (on an element: that it has attributes). */
const MORE = 0x40;
/** Header of a template definition: next offset, GUID, size. */
const TEMPLATE_HEADER = 24;
/** Header of a name: next offset, hash, count of characters. */
const NAME_HEADER = 8;

/** The entities XML defines by itself; BinXML has no way to define others. */
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

interface Where {
  /** First byte not to be read. */
  readonly end: number;
  /** Elements carry a dependency id (records and templates do, a value of type BinXml does not). */
  readonly dependency: boolean;
  readonly inTemplate: boolean;
}

/** The markup of one chunk: its names and templates, read when first used. */
export class ChunkMarkup {
  readonly #bytes: Buffer;
  readonly #names = new Map<number, string>();
  readonly #templates = new Map<number, TreeElement | Malformed>();
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** A record's markup, or the value of a substitution of type BinXml (`dependency: false`). Throws `Malformed`. */
  fragment(start: number, end: number, dependency: boolean): Instance {
    const before = this.#at;
    this.#at = start;
    const root = this.#read({ end, dependency, inTemplate: false });
    this.#at = before;
    if (root.kind === 'instance') return root.instance;
    if (root.kind === 'element') return { root: root.element, frame: EMPTY_FRAME };
    throw new Malformed('fragment has no element', start);
  }

  #read(where: Where): TreeNode {
    const builder = new TreeBuilder();
    while (this.#at < where.end && builder.root === undefined) {
      const at = this.#at;
      const token = this.#bytes[at] ?? 0;
      if (token === TOKEN.end) break;
      this.#at = at + 1;
      this.#token(token & ~MORE, token, builder, where);
      if (this.#at > where.end) throw new Malformed('markup runs over its end', at);
    }
    if (builder.root === undefined) throw new Malformed('markup ends before its first element is closed', this.#at);
    return builder.root;
  }

  #token(kind: number, token: number, builder: TreeBuilder, where: Where): void {
    switch (kind) {
      case TOKEN.openStart:
        return this.#openStart(token, builder, where);
      case TOKEN.closeStart:
        return builder.closeStart(this.#at);
      case TOKEN.closeEmpty:
        builder.closeStart(this.#at);
        return builder.closeElement(this.#at);
      case TOKEN.closeElement:
        return builder.closeElement(this.#at);
      case TOKEN.value:
        return builder.add(this.#value(where), this.#at);
      case TOKEN.attribute:
        return builder.attribute(this.#name(), this.#at);
      case TOKEN.substitution:
      case TOKEN.optionalSubstitution:
        return this.#substitution(kind === TOKEN.optionalSubstitution, builder, where);
      case TOKEN.template:
        if (where.inTemplate) throw new Malformed('a template instance inside a template', this.#at);
        return builder.add({ kind: 'instance', instance: this.#instance(where) }, this.#at);
      case TOKEN.fragment:
        this.#at += 3;
        return;
      default:
        return builder.add(this.#textToken(kind), this.#at);
    }
  }

  #textToken(kind: number): TreeNode {
    switch (kind) {
      case TOKEN.cdata:
        return { kind: 'text', encoded: encodeInside(this.#countedText()) };
      case TOKEN.characterReference:
        return { kind: 'reference', encoded: encodeInside(String.fromCharCode(this.#u16())) };
      case TOKEN.entityReference:
        return { kind: 'reference', encoded: encodeInside(entityText(this.#name())) };
      case TOKEN.instructionTarget:
        this.#name();
        return { kind: 'instruction' };
      case TOKEN.instructionData:
        this.#countedText();
        return { kind: 'instruction' };
      default:
        throw new Malformed(`unknown token 0x${kind.toString(16)}`, this.#at - 1);
    }
  }

  #openStart(token: number, builder: TreeBuilder, where: Where): void {
    // The name says where it is; where writers disagree about the dependency id, only one reading points at a name.
    const plain = this.#at + 4;
    const offset = where.dependency ? plain + 2 : plain;
    const other = where.dependency ? plain : plain + 2;
    this.#at = !this.#isName(offset) && this.#isName(other) ? other : offset;
    builder.open(this.#name(), this.#at);
    if (token & MORE) this.#at += 4;
  }

  #substitution(optional: boolean, builder: TreeBuilder, where: Where): void {
    if (!where.inTemplate) throw new Malformed('a substitution outside of a template', this.#at);
    const id = this.#u16();
    this.#at += 1;
    builder.add({ kind: 'substitution', id, optional }, this.#at);
  }

  #value(where: Where): TreeNode {
    const type = this.#bytes[this.#at++] ?? 0;
    if (type === TYPE.string) return { kind: 'text', encoded: encodeInside(this.#countedText()) };
    if (type === TYPE.binXml) return { kind: 'instance', instance: { root: this.#nested(where), frame: EMPTY_FRAME } };
    const size = widthOf(type);
    if (size === 0 && type !== TYPE.null) throw new Malformed(`value of type 0x${type.toString(16)} in markup`, this.#at);
    const start = this.#skip(size);
    return { kind: 'value', type, start, size };
  }

  #nested(where: Where): TreeElement {
    const node = this.#read({ ...where, dependency: false, inTemplate: true });
    if (node.kind !== 'element') throw new Malformed('markup as a value has no element', this.#at);
    return node.element;
  }

  #instance(where: Where): Instance {
    this.#at += 5;
    const offset = this.#u32();
    const definedHere = offset === this.#at;
    const root = this.#template(offset);
    if (definedHere) this.#skip(TEMPLATE_HEADER + this.#bytes.readUInt32LE(offset + 20));
    return { root, frame: this.#frame(where.end) };
  }

  #template(offset: number): TreeElement {
    const known = this.#templates.get(offset);
    if (known instanceof Malformed) throw known;
    if (known !== undefined) return known;
    try {
      const root = this.#readTemplate(offset);
      this.#templates.set(offset, root);
      return root;
    } catch (error) {
      // Remembered, so that a thousand records of a broken template cost one reading.
      if (error instanceof Malformed) this.#templates.set(offset, error);
      throw error;
    }
  }

  #readTemplate(offset: number): TreeElement {
    if (offset + TEMPLATE_HEADER > this.#bytes.length) throw new Malformed('template is outside of the chunk', offset);
    const start = offset + TEMPLATE_HEADER;
    const end = start + this.#bytes.readUInt32LE(offset + 20);
    if (end > this.#bytes.length) throw new Malformed('template runs over the chunk', offset);
    const before = this.#at;
    this.#at = start;
    const node = this.#read({ end, dependency: true, inTemplate: true });
    this.#at = before;
    if (node.kind !== 'element') throw new Malformed('template has no element', offset);
    return node.element;
  }

  #frame(end: number): Frame {
    const count = this.#u32();
    if (count * 4 > end - this.#at) throw new Malformed(`template instance claims ${count} values`, this.#at);
    const descriptors = this.#skip(count * 4);
    const frame: Frame = { types: [], starts: [], sizes: [], hasArray: false };
    let start = this.#at;
    for (let index = 0; index < count; index++) {
      const at = descriptors + index * 4;
      const size = this.#bytes.readUInt16LE(at);
      const type = this.#bytes[at + 2] ?? 0;
      if (type & ARRAY) frame.hasArray = true;
      frame.types.push(type);
      frame.starts.push(start);
      frame.sizes.push(size);
      start += size;
    }
    if (start > end) throw new Malformed('values of a template instance run over its end', this.#at);
    this.#at = start;
    return frame;
  }

  #isName(at: number): boolean {
    if (at + 4 > this.#bytes.length) return false;
    const offset = this.#bytes.readUInt32LE(at);
    if (offset + NAME_HEADER > this.#bytes.length) return false;
    const characters = this.#bytes.readUInt16LE(offset + 6);
    return characters > 0 && offset + NAME_HEADER + characters * 2 + 2 <= this.#bytes.length;
  }

  /** A name by its offset; one that is defined right here is also stepped over. */
  #name(): string {
    const offset = this.#u32();
    let name = this.#names.get(offset);
    if (name === undefined) {
      if (!this.#isName(this.#at - 4)) throw new Malformed('name is outside of the chunk', this.#at - 4);
      const start = offset + NAME_HEADER;
      name = this.#bytes.toString('utf16le', start, start + this.#bytes.readUInt16LE(offset + 6) * 2);
      this.#names.set(offset, name);
    }
    if (offset === this.#at) this.#skip(NAME_HEADER + this.#bytes.readUInt16LE(offset + 6) * 2 + 2);
    return name;
  }

  #countedText(): string {
    const size = this.#u16() * 2;
    const start = this.#skip(size);
    return this.#bytes.toString('utf16le', start, start + size);
  }

  #u16(): number {
    return this.#bytes.readUInt16LE(this.#skip(2));
  }

  #u32(): number {
    return this.#bytes.readUInt32LE(this.#skip(4));
  }

  /** Steps over bytes that must be there; returns where they start. */
  #skip(count: number): number {
    const start = this.#at;
    if (start + count > this.#bytes.length) throw new Malformed('markup runs over the chunk', start);
    this.#at = start + count;
    return start;
  }
}

function entityText(name: string): string {
  return ENTITIES.get(name) ?? `&${name};`;
}
