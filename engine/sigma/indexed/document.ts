/** The event at hand: an object, or JSON text of which objects are made only when something asks for more than single values. */
import { ABSENT, COMPLEX, JsonReader, LISTED } from '../json/reader.ts';
import { type PathTree, ROOT } from '../json/path-tree.ts';
import { valueAt } from '../json/values.ts';
import type { Path } from '../pipelines/paths.ts';
import { makeReader, type Reader } from './reader.ts';

const decoder = new TextDecoder();
const NOTHING: object = {};

export class Document {
  /** The text's values by node, where the event came as text that could be read. */
  json: JsonReader | undefined;
  private readonly reader: JsonReader;
  private bytes: Uint8Array | undefined;
  private object: object | undefined;

  constructor(tree: PathTree) {
    this.reader = new JsonReader(tree);
  }

  setObject(event: object): void {
    this.object = event;
    this.bytes = undefined;
    this.json = undefined;
  }

  /** False for text that is no JSON object; throws SyntaxError for what is no JSON. */
  setBytes(bytes: Uint8Array): boolean {
    this.bytes = bytes;
    this.object = undefined;
    this.json = this.reader.read(bytes) ? this.reader : undefined;
    return this.json !== undefined || this.parse();
  }

  /** Reads the text again: places were added to the tree. */
  refresh(): void {
    if (this.json !== undefined && this.bytes !== undefined && !this.reader.read(this.bytes)) this.json = undefined;
  }

  get event(): object {
    if (this.object === undefined) this.parse();
    return this.object ?? NOTHING;
  }

  private parse(): boolean {
    const value: unknown = JSON.parse(decoder.decode(this.bytes));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    this.object = value;
    return true;
  }
}

/** The places of a field: the first that has a value counts. */
export class Places {
  /** In order; a place with `*` is known by the node above the star, as `~node`. Undefined: only the object can tell. */
  private readonly nodes: readonly number[] | undefined;
  private readonly read: Reader;

  constructor(paths: readonly Path[], tree: PathTree) {
    const nodes = paths.map((path) => {
      const star = path.indexOf('*');
      return star < 0 ? tree.add(path) : ~tree.add(path.slice(0, star));
    });
    this.nodes = nodes.some((node) => node === ROOT || node === ~ROOT) ? undefined : nodes;
    this.read = makeReader(paths);
  }

  /** The node whose single value is the field's; -1 where there is none; COMPLEX_FIELD where only `object` can tell. */
  node(json: JsonReader): number {
    if (this.nodes === undefined) return COMPLEX_FIELD;
    for (const node of this.nodes) {
      const kind = json.kindOf(node < 0 ? ~node : node);
      if (kind !== ABSENT) return kind >= COMPLEX || node < 0 ? COMPLEX_FIELD : node;
    }
    return -1;
  }

  isPresent(document: Document): boolean {
    const { json } = document;
    const known = json === undefined ? undefined : this.known(json);
    return known ?? this.object(document) !== undefined;
  }

  /** Whether the text has a value at one of the places; undefined where only the object can tell. */
  private known(json: JsonReader): boolean | undefined {
    if (this.nodes === undefined) return undefined;
    let unsure = false;
    for (const node of this.nodes) {
      const kind = json.kindOf(node < 0 ? ~node : node);
      if (kind === ABSENT) continue;
      if (node >= 0 && kind !== LISTED) return true;
      unsure = true;
    }
    return unsure ? undefined : false;
  }

  object(document: Document): unknown {
    return this.read(document.event);
  }

  value(document: Document): unknown {
    const { json } = document;
    if (json === undefined) return this.object(document);
    const node = this.node(json);
    if (node === COMPLEX_FIELD) return this.object(document);
    return node < 0 ? undefined : valueAt(json, node);
  }
}

export const COMPLEX_FIELD = -2;
