/**
 * Writes a tree with its values as JSON, in the shape of the `evtx` package of PyPI (Rust): attributes under `#attributes`, text
 * beside elements or attributes under `#text`, a lone number or boolean as a literal, named `Data` of `EventData` and `UserData`
 * as keys, unnamed ones as `Data: {"#text": …}`, repeated names with `_1`, `_2`, …
 */
import type { ChunkMarkup } from './binxml.ts';
import { Malformed } from './malformed.ts';
import type { JsonOutput } from './output.ts';
import type { Frame, Instance, TreeElement, TreeNode } from './tree.ts';
import { arrayItems, isEmpty, isLiteral, TYPE, writeValue } from './values.ts';

/** Deepest nesting of elements over all templates and nested values of a record. */
const MAX_LEVELS = 256;
/** Elements one record may expand to: far above the largest real ones, and what stops one that multiplies itself. */
const MAX_STEPS = 100_000;

const NULL = Buffer.from('null');
const ATTRIBUTES = Buffer.from('"#attributes":{');
const TEXT_KEY = Buffer.from('"#text":');
const DATA_KEY = Buffer.from('"Data":{"#text":');
const [QUOTE, COMMA, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST, COLON] = [0x22, 0x2c, 0x7b, 0x7d, 0x5b, 0x5d, 0x3a] as const;

export class JsonRenderer {
  readonly #bytes: Buffer;
  readonly #markup: ChunkMarkup;
  readonly #out: JsonOutput;
  #levels = 0;
  #steps = 0;

  constructor(bytes: Buffer, markup: ChunkMarkup, out: JsonOutput) {
    this.#bytes = bytes;
    this.#markup = markup;
    this.#out = out;
  }

  /** The record as one JSON text. Throws `Malformed`. */
  render({ root, frame }: Instance): string {
    const out = this.#out;
    out.reset();
    this.#levels = 0;
    this.#steps = 0;
    out.byte(OPEN);
    this.#key(root.encodedName, 0);
    this.#element(root, frame, false);
    out.byte(CLOSE);
    return out.text();
  }

  #element(element: TreeElement, frame: Frame, isContainer: boolean): void {
    this.#spend(1);
    if (++this.#levels > MAX_LEVELS) throw new Malformed(`elements nest deeper than ${MAX_LEVELS}`, 0);
    const holdsElement = this.#holdsElement(element, frame);
    const hasAttributes = this.#hasAttributes(element, frame);
    if (holdsElement || hasAttributes) this.#object(element, frame, isContainer);
    else if (this.#hasText(element.children, frame)) this.#content(element.children, frame);
    else this.#out.encoded(NULL);
    this.#levels--;
  }

  #object(element: TreeElement, frame: Frame, isContainer: boolean): void {
    const out = this.#out;
    out.byte(OPEN);
    let wrote = this.#attributes(element, frame);
    if (this.#hasText(element.children, frame)) {
      if (wrote) out.byte(COMMA);
      out.encoded(TEXT_KEY);
      this.#mixedContent(element.children, frame);
      wrote = true;
    }
    const children = this.#elements(element, frame);
    const named = isContainer && children.some(({ root, frame }) => root.name === 'Data' && this.#isNamed(root, frame));
    const counts = element.mayRepeat || frame.hasArray ? new Map<string, number>() : undefined;
    let positionalDone = false;
    for (const child of children) {
      if (isContainer && child.root.name === 'Data') {
        if (named) wrote = this.#namedData(child, wrote);
        else if (!positionalDone) {
          positionalDone = true;
          this.#positionalData(children, wrote);
          wrote = true;
        }
        continue;
      }
      if (wrote) out.byte(COMMA);
      wrote = true;
      this.#child(child, counts);
    }
    out.byte(CLOSE);
  }

  #child({ root, frame }: Instance, counts: Map<string, number> | undefined): void {
    const seen = counts?.get(root.name) ?? 0;
    counts?.set(root.name, seen + 1);
    this.#key(root.encodedName, seen);
    this.#element(root, frame, root.name === 'EventData' || root.name === 'UserData');
  }

  #namedData({ root, frame }: Instance, wrote: boolean): boolean {
    if (!this.#isNamed(root, frame)) return wrote;
    const out = this.#out;
    if (wrote) out.byte(COMMA);
    if (root.fixedDataKey !== undefined) out.encoded(root.fixedDataKey);
    else {
      out.byte(QUOTE);
      this.#text(nameAttribute(root), frame);
      out.byte(QUOTE);
      out.byte(COLON);
    }
    this.#data(root, frame);
    return true;
  }

  #positionalData(children: readonly Instance[], wrote: boolean): void {
    const out = this.#out;
    const all = children.filter(({ root }) => root.name === 'Data');
    if (wrote) out.byte(COMMA);
    out.encoded(DATA_KEY);
    if (all.length > 1) out.byte(OPEN_LIST);
    all.forEach(({ root, frame }, index) => {
      if (index > 0) out.byte(COMMA);
      this.#data(root, frame);
    });
    if (all.length > 1) out.byte(CLOSE_LIST);
    out.byte(CLOSE);
  }

  /** A `Data` element: its attributes are its key already. */
  #data(element: TreeElement, frame: Frame): void {
    this.#spend(1);
    if (this.#holdsElement(element, frame)) this.#object(element, frame, false);
    else if (this.#hasText(element.children, frame)) this.#content(element.children, frame);
    else {
      this.#out.byte(QUOTE);
      this.#out.byte(QUOTE);
    }
  }

  #isNamed(element: TreeElement, frame: Frame): boolean {
    return element.fixedDataKey !== undefined || this.#hasText(nameAttribute(element), frame);
  }

  #hasAttributes(element: TreeElement, frame: Frame): boolean {
    if (element.fixedAttributes !== undefined) return element.fixedAttributes.length > 0;
    return element.attributes.some(({ value }) => this.#hasText(value, frame));
  }

  #attributes(element: TreeElement, frame: Frame): boolean {
    const out = this.#out;
    if (element.fixedAttributes !== undefined) {
      out.encoded(element.fixedAttributes);
      return element.fixedAttributes.length > 0;
    }
    let wrote = false;
    for (const { key, value } of element.attributes) {
      if (!this.#hasText(value, frame)) continue;
      if (wrote) out.byte(COMMA);
      else out.encoded(ATTRIBUTES);
      wrote = true;
      out.encoded(key);
      this.#content(value, frame);
    }
    if (wrote) out.byte(CLOSE);
    return wrote;
  }

  /** Child elements with their values: those written here, those nested in values, one per item of an array. */
  #elements(element: TreeElement, frame: Frame): Instance[] {
    const found: Instance[] = [];
    for (const node of element.children) {
      if (node.kind === 'element') {
        if (frame.hasArray) this.#expand(node.element, frame, found);
        else found.push({ root: node.element, frame });
      } else if (node.kind === 'instance') found.push(node.instance);
      else if (node.kind === 'substitution' && isNested(frame, node.id)) found.push(this.#nested(frame, node.id));
    }
    return found;
  }

  #nested(frame: Frame, id: number): Instance {
    const start = frame.starts[id] ?? 0;
    const size = frame.sizes[id] ?? 0;
    this.#spend(1 + (size >> 7));
    return this.#markup.fragment(start, start + size, false);
  }

  /** An array value repeats the element that holds it, once per item. */
  #expand(element: TreeElement, frame: Frame, into: Instance[]): void {
    const id = element.substitutions.find((each) => ((frame.types[each] ?? 0) & 0x80) !== 0);
    const value = id === undefined ? undefined : valueAt(frame, id);
    const items = value === undefined ? [] : arrayItems(this.#bytes, value);
    this.#spend(items.length * (1 + (frame.types.length >> 6)));
    if (id === undefined || items.length < 2) {
      into.push({ root: element, frame });
      return;
    }
    for (const item of items) {
      const types = frame.types.with(id, item.type);
      const one = { types, starts: frame.starts.with(id, item.start), sizes: frame.sizes.with(id, item.size), hasArray: true };
      this.#expand(element, one, into);
    }
  }

  #holdsElement(element: TreeElement, frame: Frame): boolean {
    if (element.holdsElement) return true;
    if (element.substitutions.length === 0) return false;
    return element.children.some((node) => node.kind === 'substitution' && isNested(frame, node.id));
  }

  #hasText(nodes: readonly TreeNode[], frame: Frame): boolean {
    for (const node of nodes) {
      if (node.kind === 'substitution') {
        if (!this.#isEmptyAt(frame, node.id) && frame.types[node.id] !== TYPE.binXml) return true;
      } else if (node.kind === 'text') {
        if (node.encoded.length > 0) return true;
      } else if (node.kind === 'reference' || (node.kind === 'value' && node.type !== TYPE.null)) return true;
    }
    return false;
  }

  #isEmptyAt(frame: Frame, id: number): boolean {
    const type = frame.types[id];
    return type === undefined || isEmpty(this.#bytes, type, frame.starts[id] ?? 0, frame.sizes[id] ?? 0);
  }

  /** Content without elements: a literal when it is one number or boolean and nothing else, else a string. */
  #content(nodes: readonly TreeNode[], frame: Frame): void {
    const only = nodes.length === 1 ? nodes[0] : this.#onlyPresent(nodes, frame);
    const bare = only !== undefined && isLiteralNode(only, frame);
    if (!bare) this.#out.byte(QUOTE);
    this.#text(nodes, frame);
    if (!bare) this.#out.byte(QUOTE);
  }

  #onlyPresent(nodes: readonly TreeNode[], frame: Frame): TreeNode | undefined {
    const present = nodes.filter((node) => {
      if (node.kind !== 'substitution') return true;
      return frame.types[node.id] !== undefined && !(node.optional && this.#isEmptyAt(frame, node.id));
    });
    return present.length === 1 ? present[0] : undefined;
  }

  /** Content beside elements: text that is empty does not count. */
  #mixedContent(nodes: readonly TreeNode[], frame: Frame): void {
    this.#content(
      nodes.filter((node) => this.#hasText([node], frame)),
      frame,
    );
  }

  #text(nodes: readonly TreeNode[], frame: Frame): void {
    for (const node of nodes) {
      if (node.kind === 'text' || node.kind === 'reference') this.#out.encoded(node.encoded);
      else if (node.kind === 'value') writeValue(this.#out, this.#bytes, node);
      else if (node.kind === 'substitution') {
        const value = valueAt(frame, node.id);
        if (value !== undefined && value.type !== TYPE.binXml) writeValue(this.#out, this.#bytes, value);
      }
    }
  }

  #spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > MAX_STEPS) throw new Malformed(`record expands to more than ${MAX_STEPS} elements`, 0);
  }

  #key(encodedName: Uint8Array, suffix: number): void {
    const out = this.#out;
    out.byte(QUOTE);
    out.encoded(encodedName);
    if (suffix > 0) out.plain(`_${suffix}`);
    out.byte(QUOTE);
    out.byte(COLON);
  }
}

function nameAttribute(element: TreeElement): readonly TreeNode[] {
  return element.attributes.find(({ name }) => name === 'Name')?.value ?? [];
}

function valueAt(frame: Frame, id: number): { type: number; start: number; size: number } | undefined {
  const type = frame.types[id];
  return type === undefined ? undefined : { type, start: frame.starts[id] ?? 0, size: frame.sizes[id] ?? 0 };
}

function isNested(frame: Frame, id: number): boolean {
  return frame.types[id] === TYPE.binXml && (frame.sizes[id] ?? 0) > 0;
}

function isLiteralNode(node: TreeNode, frame: Frame): boolean {
  if (node.kind === 'value') return isLiteral(node.type);
  return node.kind === 'substitution' && isLiteral(frame.types[node.id] ?? TYPE.null);
}
