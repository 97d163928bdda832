/** The parameters of a transformation or a condition: typed, located, and none of them left over unread. */
import { SigmaError, type Place } from '../errors.ts';
import type { Scalar, YamlEntry, YamlNode } from '../parse/yaml.ts';

/** Refuses the pipeline. */
export function refuse(reason: string, place: Place): never {
  throw new SigmaError('SIGMA_PROCESSING', { reason }, place);
}

export class Params {
  readonly place: Place;
  private readonly what: string;
  private readonly entries: ReadonlyMap<string, YamlEntry>;
  private readonly unread: Set<string>;

  /** `what` names the map in messages. */
  constructor(node: YamlNode, what: string) {
    if (node.kind !== 'map') refuse(`${what} is not a map`, node.place);
    this.place = node.place;
    this.what = what;
    this.entries = new Map(node.entries.map((entry) => [entry.key, entry]));
    this.unread = new Set(this.entries.keys());
  }

  /** The value of a key; absent and null are the same. */
  node(key: string): YamlNode | undefined {
    this.unread.delete(key);
    const value = this.entries.get(key)?.value;
    return value?.kind === 'scalar' && value.value === null ? undefined : value;
  }

  required(key: string): YamlNode {
    return this.node(key) ?? refuse(`${this.what} needs "${key}"`, this.place);
  }

  /** A value that may be null but not left out. */
  scalar(key: string): Scalar {
    this.unread.delete(key);
    const entry = this.entries.get(key) ?? refuse(`${this.what} needs "${key}"`, this.place);
    return entry.value.kind === 'scalar' ? entry.value.value : refuse(`"${key}" is not a single value`, entry.value.place);
  }

  text(key: string): string {
    return this.optionalText(key) ?? refuse(`${this.what} needs "${key}"`, this.place);
  }

  optionalText(key: string): string | undefined {
    const node = this.node(key);
    return node === undefined ? undefined : textOf(node, key);
  }

  oneOf<Word extends string>(key: string, words: readonly Word[], otherwise?: Word): Word {
    const node = this.node(key);
    if (node === undefined) return otherwise ?? refuse(`${this.what} needs "${key}"`, this.place);
    const text = textOf(node, key);
    return words.find((word) => word === text) ?? refuse(`"${key}" is "${text}", not one of ${words.join(', ')}`, node.place);
  }

  flag(key: string): boolean {
    const node = this.node(key);
    if (node === undefined) return false;
    return node.kind === 'scalar' && typeof node.value === 'boolean' ? node.value : refuse(`"${key}" is not true or false`, node.place);
  }

  /** One text or a list of them. */
  texts(key: string): string[] {
    return textsOf(this.required(key), key);
  }

  optionalTexts(key: string): string[] | undefined {
    const node = this.node(key);
    return node === undefined ? undefined : textsOf(node, key);
  }

  list(key: string): readonly YamlNode[] {
    const node = this.node(key);
    if (node === undefined) return [];
    return node.kind === 'list' ? node.items : refuse(`"${key}" is not a list`, node.place);
  }

  /** A map of one text to one or more, in the order of the file. */
  mapping(key: string): Map<string, string[]> {
    const node = this.required(key);
    if (node.kind !== 'map') return refuse(`"${key}" is not a map`, node.place);
    return new Map(node.entries.map((entry) => [entry.key, textsOf(entry.value, entry.key)]));
  }

  /** Refuses keys that nothing asked for: a misspelt one would be lost in silence. */
  done(): void {
    const [key] = this.unread;
    if (key !== undefined) refuse(`${this.what} has no "${key}"`, this.entries.get(key)?.place ?? this.place);
  }

  /** Keys that nothing asked for. */
  left(): YamlEntry[] {
    return [...this.unread].flatMap((key) => this.entries.get(key) ?? []);
  }
}

function textOf(node: YamlNode, key: string): string {
  return node.kind === 'scalar' && node.value !== null ? String(node.value) : refuse(`"${key}" is not a text`, node.place);
}

function textsOf(node: YamlNode, key: string): string[] {
  return node.kind === 'list' ? node.items.map((item) => textOf(item, key)) : [textOf(node, key)];
}
