/** One field of the event at hand: read once, folded once, and only when a test asks. */
import { ESCAPED, FALSE, type JsonReader, NULL, NUMBER, PLAIN, TRUE } from '../json/reader.ts';
import type { PathTree } from '../json/path-tree.ts';
import { asciiText, isCanonical, textAt, unescape } from '../json/values.ts';
import { fold, foldDashes } from '../match/fold.ts';
import { leaves, readPath, type Path, type ScalarValue, scalars } from '../pipelines/paths.ts';
import { COMPLEX_FIELD, type Document, Places } from './document.ts';
import { KnownValues, type Memory } from './known-values.ts';
import { own } from './reader.ts';

const NO_BYTES = new Uint8Array();
const NO_VIEW = new DataView(NO_BYTES.buffer);
const NOT_ENTERED = -2;

/** Bytes, and a view of the same. */
export interface Viewed {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** A value as text, with its prepared forms; or as ASCII bytes, of which a text is made when somebody asks. */
export class FieldText {
  /** The bytes, where `ascii`. */
  bytes: Uint8Array = NO_BYTES;
  view: DataView = NO_VIEW;
  from = 0;
  to = 0;
  ascii = false;
  private ownText: string | undefined;
  private foldedText: string | undefined;
  private dashedText: string | undefined;

  set(text: string): this {
    this.ownText = text;
    this.ascii = false;
    this.foldedText = undefined;
    this.dashedText = undefined;
    return this;
  }

  setBytes({ bytes, view }: Viewed, from: number, to: number): this {
    this.bytes = bytes;
    this.view = view;
    this.from = from;
    this.to = to;
    this.ascii = true;
    this.ownText = undefined;
    this.foldedText = undefined;
    this.dashedText = undefined;
    return this;
  }

  /** UTF-16 code units. */
  get length(): number {
    return this.ascii ? this.to - this.from : this.text.length;
  }

  get text(): string {
    return (this.ownText ??= asciiText(this.bytes, this.from, this.to));
  }

  get folded(): string {
    return (this.foldedText ??= fold(this.text));
  }

  /** Folded, the five dashes being one. */
  get dashed(): string {
    return (this.dashedText ??= foldDashes(this.folded));
  }
}

export class Field {
  present = false;
  /** Holds null, alone or in a list, or nothing at all. */
  empty = true;
  values: readonly ScalarValue[] = [];
  /** Texts of all values that are not null. */
  texts: readonly FieldText[] = NO_TEXTS;
  private readonly spare = new FieldText();
  /** The list of the one text that nearly every field has: a new list each time would cost more than reading the field. */
  private readonly single: readonly FieldText[] = [this.spare];
  private readonly places: Places;
  /** Room for a text with its escapes undone. */
  private room: Viewed = { bytes: NO_BYTES, view: NO_VIEW };
  private at = -1;
  /** What was learnt of the values seen before. */
  readonly known: KnownValues;
  /** The entry of the field's one value there, once `enter` was called for it; NOT_ENTERED before that. */
  entry = NOT_ENTERED;

  constructor(paths: readonly Path[], tree: PathTree, memory: Memory) {
    this.known = new KnownValues(memory);
    this.places = new Places(paths, tree);
  }

  /** Reads the field for the event with this serial number, unless that was done. */
  load(document: Document, serial: number): this {
    if (this.at === serial) return this;
    this.at = serial;
    this.entry = NOT_ENTERED;
    const { json } = document;
    const node = json === undefined ? COMPLEX_FIELD : this.places.node(json);
    if (json === undefined || node === COMPLEX_FIELD) this.take(this.places.object(document));
    else if (node < 0) this.lack();
    else this.takeBytes(json, node);
    return this;
  }

  /** Looks the field's one value up among those known. The entry, or -1: it has several values, or one that is not kept. */
  enter(): number {
    if (this.entry !== NOT_ENTERED) return this.entry;
    return (this.entry = this.texts === this.single && this.spare.ascii ? this.known.enter(this.spare) : -1);
  }

  /** The values as they are, for tests on more than their texts. */
  list(): readonly ScalarValue[] {
    return this.values === NOT_LISTED ? this.texts.map((one) => one.text) : this.values;
  }

  private take(value: unknown): void {
    this.present = value !== undefined;
    if (typeof value === 'string') {
      this.spare.set(value);
      this.hold();
    } else if (value === undefined) this.lack();
    else if (typeof value === 'number' || typeof value === 'boolean') {
      this.spare.set(String(value));
      this.hold();
      this.values = [value];
    } else {
      this.values = scalars(value);
      this.empty = this.values.length === 0 || this.values.includes(null);
      this.texts = this.values.flatMap((one) => (one === null ? [] : [new FieldText().set(String(one))]));
    }
  }

  private takeBytes(json: JsonReader, node: number): void {
    const kind = json.kindOf(node);
    const { bytes } = json;
    const from = json.starts[node] ?? 0;
    const to = json.ends[node] ?? 0;
    this.present = true;
    if (kind === PLAIN) {
      this.spare.setBytes(json, from, to);
      this.hold();
    } else if (kind === ESCAPED) {
      if (this.room.bytes.length <= to - from) this.room = makeRoom((to - from) * 2 + 1);
      this.spare.setBytes(this.room, 1, unescape(bytes, { from, to }, this.room.bytes, 1));
      this.hold();
    } else if (kind === NUMBER && isCanonical(bytes, from, to)) {
      this.spare.setBytes(json, from, to);
      this.hold();
      this.values = [Number(this.spare.text)];
    } else if (kind === NUMBER) this.take(Number(asciiText(bytes, from, to)));
    else if (kind === NULL) this.take(null);
    else if (kind === TRUE || kind === FALSE) this.take(kind === TRUE);
    else {
      this.spare.set(textAt(bytes, from, to, kind));
      this.hold();
    }
  }

  private lack(): void {
    this.present = false;
    this.empty = true;
    this.values = NO_VALUES;
    this.texts = NO_TEXTS;
  }

  /** The one text is in `spare`. */
  private hold(): void {
    this.empty = false;
    this.values = NOT_LISTED;
    this.texts = this.single;
  }
}

/** Node's buffers make texts of their bytes faster than anything else does; browsers have none. */
function makeRoom(size: number): Viewed {
  const bytes = makeBytes(size);
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

function makeBytes(size: number): Uint8Array {
  const maker: unknown = Reflect.get(globalThis, 'Buffer');
  if (typeof maker !== 'function' || !('allocUnsafeSlow' in maker) || typeof maker.allocUnsafeSlow !== 'function')
    return new Uint8Array(size);
  const room: unknown = maker.allocUnsafeSlow(size);
  return room instanceof Uint8Array ? room : new Uint8Array(size);
}

const NO_TEXTS: readonly FieldText[] = [];
const NO_VALUES: readonly ScalarValue[] = [];
/** Stands for the one text of the field. */
const NOT_LISTED: readonly ScalarValue[] = [];

/** All values of the event, for keywords. */
export class Everything {
  private readonly paths: readonly Path[];
  private readonly spare = new FieldText();
  private list: FieldText[] = [];
  private at = -1;

  constructor(paths: readonly Path[]) {
    this.paths = paths;
  }

  /** The texts as a list, for tests that no scan answers. */
  load({ event }: Document, serial: number): readonly FieldText[] {
    if (this.at === serial) return this.list;
    this.at = serial;
    this.list = this.paths.flatMap((path) => leaves(readPath(event, path))).map((text) => new FieldText().set(text));
    return this.list;
  }

  /** Calls `each` with every text, which is only good until the call returns. */
  visit<Context>({ event }: Document, each: (text: FieldText, context: Context) => void, context: Context): void {
    const descend = (value: unknown, depth: number): void => {
      if (typeof value === 'string') each(this.spare.set(value), context);
      else if (typeof value === 'number' || typeof value === 'boolean') each(this.spare.set(String(value)), context);
      else if (typeof value === 'object' && value !== null && depth < 64) {
        if (Array.isArray(value)) for (const inner of value) descend(inner, depth + 1);
        else for (const key in value) descend(own(value, key), depth + 1);
      }
    };
    for (const path of this.paths) descend(path.length === 0 ? event : readPath(event, path), 0);
  }
}
