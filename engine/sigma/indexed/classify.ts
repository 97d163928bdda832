/**
 * From an event to its bucket by a few look-ups: the fields that decide the log source, each to the number of what the pipelines
 * can tell apart in it. Events that agree in all of these are of one kind.
 */
import { fold } from '../match/fold.ts';
import type { Pipelines, Shape } from '../pipelines/model.ts';
import { readPath, scalars } from '../pipelines/paths.ts';
import { shapePaths } from '../pipelines/resolve.ts';
import { matchesString } from '../plain/string.ts';
import type { StringTest } from '../model.ts';
import { makeReader, type Reader } from './reader.ts';

const KNOWN_VALUES = 20_000;

/** A field whose value helps to tell kinds apart. */
class Discriminator {
  private readonly read: Reader;
  private readonly patterns: readonly StringTest[];
  private readonly named: ReadonlySet<string>;
  private readonly normalise: (text: string) => string;
  private readonly byValue = new Map<unknown, number>();
  private readonly bySignature = new Map<string, number>();

  constructor(read: Reader, parts: { patterns: readonly StringTest[]; named: ReadonlySet<string>; normalise: (text: string) => string }) {
    this.read = read;
    this.patterns = parts.patterns;
    this.named = parts.named;
    this.normalise = parts.normalise;
  }

  /** Number of what the pipelines and rules can tell about the event's value. */
  number(event: object): number {
    const value = this.read(event);
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
    const hits = this.patterns.flatMap((pattern, index) => (texts.some((text) => matchesString(pattern, text)) ? [index] : []));
    const [only = ''] = texts;
    const name = this.normalise(only);
    const exact = texts.length === 0 ? '-' : texts.length > 1 ? '+' : this.named.has(name) ? `=${name}` : '?';
    return `${exact}|${hits.join()}|${typeof value === 'object' && value !== null ? 'list' : ''}`;
  }
}

export interface Branch<Kind> {
  kind: Kind | undefined;
  readonly next: (Branch<Kind> | undefined)[];
}

export interface ShapeClassifier<Kind> {
  readonly shape: Shape;
  readonly fits: (event: object) => boolean;
  readonly discriminators: readonly Discriminator[];
  readonly root: Branch<Kind>;
}

/** `names`: values of event ids that rules ask for; `hints`: names of log sources that rules ask for. */
export function makeClassifiers<Kind>(
  pipelines: Pipelines,
  names: ReadonlySet<string>,
  hints: ReadonlySet<string>,
): ShapeClassifier<Kind>[] {
  return pipelines.shapes.map((shape) => {
    const patterns = new Map<string, StringTest[]>([['EventID', []]]);
    for (const source of pipelines.sources) {
      if (source.shapes.length > 0 && !source.shapes.includes(shape.name)) continue;
      for (const { field, patterns: more } of source.when) patterns.set(field, [...(patterns.get(field) ?? []), ...more]);
    }
    const discriminators = [...patterns].map(
      ([field, list]) =>
        new Discriminator(makeReader(shapePaths(shape, field)), {
          patterns: list,
          named: field === 'EventID' ? names : new Set(),
          normalise: fold,
        }),
    );
    if (shape.hints !== undefined)
      for (const path of [shape.hints.product, shape.hints.service, shape.hints.category])
        discriminators.push(
          new Discriminator((event) => hintText(readPath(event, path)), { patterns: [], named: hints, normalise: (text) => text }),
        );
    const readers = shape.requires.map((path) => makeReader([path]));
    return {
      shape,
      fits: (event) => readers.every((read) => read(event) !== undefined),
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

/** The branch of the event's kind; undefined where no shape fits. */
export function classify<Kind>(
  event: object,
  classifiers: readonly ShapeClassifier<Kind>[],
): { branch: Branch<Kind>; shape: Shape } | undefined {
  for (const { shape, fits, discriminators, root } of classifiers) {
    if (!fits(event)) continue;
    let branch = root;
    for (const discriminator of discriminators) {
      const number = discriminator.number(event);
      branch = branch.next[number] ??= { kind: undefined, next: [] };
    }
    return { branch, shape };
  }
  return undefined;
}
