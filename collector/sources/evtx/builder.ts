import { Malformed } from './malformed.ts';
import { encodeInside } from './tree.ts';
import type { TreeAttribute, TreeElement, TreeNode } from './tree.ts';

/** Deepest nesting of elements; Windows' own events stay below ten. */
export const MAX_DEPTH = 128;

const QUOTE = Buffer.from('"');
const EMPTY = Buffer.alloc(0);

/** Puts tokens together to a tree: elements on a stack, an attribute open while an element's start is. */
export class TreeBuilder {
  /** The first element, once it is closed, or the template instance that stands for it. */
  root: TreeNode | undefined;
  readonly #stack: TreeElement[] = [];
  #startOpen = false;
  #attribute: TreeAttribute | undefined;

  open(name: string, at: number): void {
    if (this.#startOpen) throw new Malformed('an element inside of an element start', at);
    if (this.#stack.length >= MAX_DEPTH) throw new Malformed(`elements nest deeper than ${MAX_DEPTH}`, at);
    this.#stack.push({
      name,
      encodedName: encodeInside(name),
      attributes: [],
      fixedAttributes: undefined,
      fixedDataKey: undefined,
      children: [],
      mayRepeat: false,
      holdsElement: false,
      substitutions: [],
    });
    this.#startOpen = true;
  }

  attribute(name: string, at: number): void {
    const element = this.#stack.at(-1);
    if (!this.#startOpen || element === undefined) throw new Malformed('an attribute outside of an element start', at);
    this.#attribute = { name, key: Buffer.from(`"${Buffer.from(encodeInside(name)).toString('utf8')}":`), value: [] };
    element.attributes.push(this.#attribute);
  }

  closeStart(at: number): void {
    if (!this.#startOpen) throw new Malformed('an element start that was not opened', at);
    this.#startOpen = false;
    const element = this.#stack.at(-1);
    if (element !== undefined) fixAttributes(element);
    this.#attribute = undefined;
  }

  closeElement(at: number): void {
    const element = this.#stack.pop();
    if (element === undefined || this.#startOpen) throw new Malformed('an element end that was not opened', at);
    this.add({ kind: 'element', element }, at);
  }

  /** A node of the open attribute, of the open element, or the root. */
  add(node: TreeNode, at: number): void {
    const element = this.#stack.at(-1);
    if (element === undefined) {
      if (node.kind === 'element' || node.kind === 'instance') this.root = node;
      else if (node.kind !== 'instruction') throw new Malformed('text outside of an element', at);
      return;
    }
    if (node.kind === 'substitution') element.substitutions.push(node.id);
    if (this.#startOpen) this.#addToAttribute(node, at);
    else addChild(element, node);
  }

  #addToAttribute(node: TreeNode, at: number): void {
    if (node.kind === 'element' || node.kind === 'instance') throw new Malformed('an element inside of an attribute', at);
    // A value before the first attribute belongs to nothing; Windows never writes one.
    this.#attribute?.value.push(node);
  }
}

function addChild(element: TreeElement, node: TreeNode): void {
  if (node.kind === 'element') {
    element.holdsElement = true;
    const { name } = node.element;
    if (element.children.some((other) => other.kind === 'element' && other.element.name === name)) element.mayRepeat = true;
  } else if (node.kind === 'instance') {
    element.holdsElement = true;
    element.mayRepeat = true;
  } else if (node.kind === 'substitution') element.mayRepeat = true;
  element.children.push(node);
}

/** Most attributes are constant in a template: their JSON is made once. */
function fixAttributes(element: TreeElement): void {
  const written: Uint8Array[] = [];
  for (const { name, key, value } of element.attributes) {
    if (value.some((node) => node.kind !== 'text')) return;
    const text = Buffer.concat(value.map((node) => (node.kind === 'text' ? node.encoded : EMPTY)));
    if (text.length === 0) continue;
    if (name === 'Name') element.fixedDataKey ??= Buffer.concat([QUOTE, text, QUOTE, Buffer.from(':')]);
    written.push(Buffer.concat([Buffer.from(written.length === 0 ? '"#attributes":{' : ','), key, QUOTE, text, QUOTE]));
  }
  if (written.length > 0) written.push(Buffer.from('}'));
  element.fixedAttributes = Buffer.concat(written);
}
