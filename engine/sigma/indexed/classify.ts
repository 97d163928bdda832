/**
 * From an event to its bucket by a few look-ups: the fields that decide the log source, each to the number of what the pipelines
 * can tell apart in it. Events that agree in all of these are of one kind.
 */
import type { PathTree } from '../json/path-tree.ts';
import { ABSENT, NUMBER, PLAIN } from '../json/reader.ts';
import { valueAt } from '../json/values.ts';
import { fold } from '../match/fold.ts';
import type { Pipelines, Shape } from '../pipelines/model.ts';
import { scalars } from '../pipelines/paths.ts';
import { shapePaths } from '../pipelines/resolve.ts';
import { matchesString } from '../plain/string.ts';
import type { StringTest } from '../model.ts';
import { ByteTexts } from './byte-texts.ts';
import { COMPLEX_FIELD, type Document, Places } from './document.ts';

const KNOWN_VALUES = 20_000;

interface DiscriminatorParts {
  readonly places: Places;
  /** What is asked of the value that stands there. */
  readonly transform: (value: unknown) => unknown;
  readonly patterns: readonly StringTest[];
  readonly named: ReadonlySet<string>;
  readonly normalise: (text: string) => string;
}

/** A field whose value helps to tell kinds apart. */
class Discriminator {
  private readonly parts: DiscriminatorParts;
  private readonly byValue = new Map<unknown, number>();
  private readonly byBytes = new ByteTexts();
  private readonly bySignature = new Map<string, number>();

  constructor(parts: DiscriminatorParts) {
    this.parts = parts;
  }

  /** Number of what the pipelines and rules can tell about the event's value. */
  number(document: Document): number {
    const { json } = document;
    const node = json === undefined ? COMPLEX_FIELD : this.parts.places.node(json);
    const kind = json === undefined || node < 0 ? ABSENT : json.kindOf(node);
    if (json === undefined || (kind !== PLAIN && kind !== NUMBER)) return this.ofValue(this.parts.places.value(document));
    const known = this.byBytes.get(json, node, kind);
    if (known !== undefined) return known;
    const number = this.ofValue(valueAt(json, node));
    this.byBytes.set(json, node, { kind, number });
    return number;
  }

  private ofValue(found: unknown): number {
    const value = this.parts.transform(found);
    const known = this.byValue.get(value);
    if (known !== undefined) return known;
    const signature = this.signature(value);
    const number = this.bySignature.get(signature) ?? this.bySignature.size;
    this.bySignature.set(signature, number);
    if (typeof value !== 'object' || value === null) {
      if (this.byValue.size >= KNOWN_VALUES) this.byValue.clear();
      this.byValue.set(value, number);
    }
    return number;
  }

  private signature(value: unknown): string {
    const texts = scalars(value).flatMap((one) => (one === null ? [] : [String(one)]));
    const hits = this.parts.patterns.flatMap((pattern, index) => (texts.some((text) => matchesString(pattern, text)) ? [index] : []));
    const [only = ''] = texts;
    const name = this.parts.normalise(only);
    const exact = texts.length === 0 ? '-' : texts.length > 1 ? '+' : this.parts.named.has(name) ? `=${name}` : '?';
    return `${exact}|${hits.join()}|${typeof value === 'object' && value !== null ? 'list' : ''}`;
  }
}

export interface Branch<Kind> {
  kind: Kind | undefined;
  readonly next: (Branch<Kind> | undefined)[];
}

export interface ShapeClassifier<Kind> {
  readonly shape: Shape;
  readonly fits: (document: Document) => boolean;
  readonly discriminators: readonly Discriminator[];
  readonly root: Branch<Kind>;
}

interface Interests {
  /** Values of event ids that rules ask for. */
  readonly names: ReadonlySet<string>;
  /** Names of log sources that rules ask for. */
  readonly hints: ReadonlySet<string>;
  readonly tree: PathTree;
}

export function makeClassifiers<Kind>(pipelines: Pipelines, { names, hints, tree }: Interests): ShapeClassifier<Kind>[] {
  return pipelines.shapes.map((shape) => {
    const patterns = new Map<string, StringTest[]>([['EventID', []]]);
    for (const source of pipelines.sources) {
      if (source.shapes.length > 0 && !source.shapes.includes(shape.name)) continue;
      for (const { field, patterns: more } of source.when) patterns.set(field, [...(patterns.get(field) ?? []), ...more]);
    }
    const discriminators = [...patterns].map(([field, list]) => {
      const named: ReadonlySet<string> = field === 'EventID' ? names : new Set();
      const places = new Places(shapePaths(shape, field), tree);
      return new Discriminator({ places, transform: (value) => value, patterns: list, named, normalise: fold });
    });
    const { product, service, category } = shape.hints ?? {};
    for (const path of [product, service, category])
      if (path !== undefined) {
        const places = new Places([path], tree);
        discriminators.push(new Discriminator({ places, transform: hintText, patterns: [], named: hints, normalise: (text) => text }));
      }
    const required = shape.requires.map((path) => new Places([path], tree));
    return {
      shape,
      fits: (document) => required.every((places) => places.isPresent(document)),
      discriminators,
      root: { kind: undefined, next: [] },
    };
  });
}

/** Only texts are hints, and a blank one is none: as `kindOf` reads them. */
function hintText(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return text === '' ? undefined : text;
}

/** Branches that may still be made: who writes events may combine fields as they like. */
export interface Room {
  left: number;
}

/** The branch of the event's kind; undefined where no shape fits, and `full` where there is no room for a new one. */
export function classify<Kind>(
  document: Document,
  classifiers: readonly ShapeClassifier<Kind>[],
  room: Room,
): Branch<Kind> | 'full' | undefined {
  for (const { fits, discriminators, root } of classifiers) {
    if (!fits(document)) continue;
    let branch = root;
    for (const discriminator of discriminators) {
      const number = discriminator.number(document);
      let next = branch.next[number];
      if (next === undefined) {
        if (room.left <= 0) return 'full';
        room.left--;
        branch.next[number] = next = { kind: undefined, next: [] };
      }
      branch = next;
    }
    return branch;
  }
  return undefined;
}
