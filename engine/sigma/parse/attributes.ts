/** The attributes of a document, typed: what rules and filters share. */
import { SigmaError, type Place } from '../errors.ts';
import type { LogSource } from '../model.ts';
import type { YamlDocument, YamlNode } from './yaml.ts';

/** The document's attributes; throws for one that could not be read or is no map. */
export function attributesOf(document: YamlDocument): Attributes {
  if (document.root instanceof SigmaError) throw document.root;
  if (document.root.kind !== 'map') throw new SigmaError('SIGMA_DOCUMENT', { reason: 'it is not a map of attributes' }, document.place);
  return new Attributes(document.root);
}

export function readLogSource(node: YamlNode | undefined, place: Place): LogSource {
  if (node === undefined) return fail('logsource', 'it is missing', place);
  if (node.kind !== 'map') return fail('logsource', 'it is not a map', node.place);
  const at = new Attributes(node);
  const lower = (key: string): string | undefined => at.text(key)?.toLowerCase();
  const values = { product: lower('product'), service: lower('service'), category: lower('category'), definition: at.text('definition') };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ''));
}

/** Refuses an attribute. */
export function fail(attribute: string, reason: string, place: Place): never {
  throw new SigmaError('SIGMA_ATTRIBUTE', { attribute, reason }, place);
}

/** Typed access to the attributes of a map; what is optional and of the wrong type is an error, not a guess. */
export class Attributes {
  private readonly root: YamlNode & { kind: 'map' };

  constructor(root: YamlNode & { kind: 'map' }) {
    this.root = root;
  }

  node(key: string): YamlNode | undefined {
    const value = this.root.entries.find((entry) => entry.key === key)?.value;
    return value?.kind === 'scalar' && value.value === null ? undefined : value;
  }

  place(key: string): Place {
    return this.node(key)?.place ?? this.root.place;
  }

  text(key: string): string | undefined {
    const node = this.node(key);
    if (node === undefined) return undefined;
    return node.kind === 'scalar' ? String(node.value) : fail(key, 'it is not a text', node.place);
  }

  oneOf<Word extends string>(key: string, words: readonly Word[]): Word | undefined {
    const text = this.text(key)?.toLowerCase();
    if (text === undefined) return undefined;
    return words.find((word) => word === text) ?? fail(key, `"${text}" is none of ${words.join(', ')}`, this.place(key));
  }

  texts(key: string): string[] {
    const node = this.node(key);
    if (node === undefined) return [];
    const items = node.kind === 'list' ? node.items : [node];
    return items.flatMap((item) => (item.kind === 'scalar' && item.value !== null ? [String(item.value)] : []));
  }

  related(): { id: string; type: string }[] {
    const node = this.node('related');
    if (node?.kind !== 'list') return [];
    return node.items.flatMap((item) => {
      if (item.kind !== 'map') return [];
      const at = new Attributes(item);
      const id = at.text('id');
      return id === undefined ? [] : [{ id, type: at.text('type') ?? 'similar' }];
    });
  }
}
