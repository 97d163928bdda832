/** A few values out of an event's JSON text, without making objects of the rest. */
import type { Path } from '../pipelines/paths.ts';
import { PathTree } from './path-tree.ts';
import { COMPLEX, JsonReader } from './reader.ts';
import { valueAt } from './values.ts';

export class JsonFields {
  private readonly nodes: readonly number[];
  private readonly reader: JsonReader;

  /** `paths`: keys from the top, without `*`. */
  constructor(paths: readonly Path[]) {
    const tree = new PathTree();
    this.nodes = paths.map((path) => tree.add(path));
    this.reader = new JsonReader(tree);
  }

  /**
   * The values at the paths, in their order: undefined where there is none, and for lists and objects. Undefined for text that has to be
   * given to `JSON.parse`: because it is no JSON object, or an unusual one.
   */
  read(json: Uint8Array): unknown[] | undefined {
    const { reader } = this;
    if (!reader.read(json)) return undefined;
    return this.nodes.map((node) => (reader.kindOf(node) >= COMPLEX ? undefined : valueAt(reader, node)));
  }
}
