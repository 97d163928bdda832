/** Which log sources an event belongs to, which rules look at it, and where their fields stand. */
import type { LogSource } from '../model.ts';
import { matchesString } from '../plain/string.ts';
import type { Pipelines, Shape, Source } from './model.ts';
import { type Path, readFirst, readPath, scalars } from './paths.ts';

/** What an event is: its shape, the log sources it belongs to, and what its hints say. */
export interface EventKind {
  readonly shape: Shape;
  readonly sources: readonly Source[];
  readonly hint?: LogSource;
}

/** The first shape of which all required places are there; undefined where none fits. */
export function shapeOf(event: object, pipelines: Pipelines): Shape | undefined {
  return pipelines.shapes.find((shape) => shape.requires.every((path) => readPath(event, path) !== undefined));
}

export function kindOf(event: object, pipelines: Pipelines): EventKind | undefined {
  const shape = shapeOf(event, pipelines);
  if (shape === undefined) return undefined;
  const sources = pipelines.sources.filter((source) => belongs(event, source, shape));
  const hint = shape.hints === undefined ? undefined : readHint(event, shape.hints);
  return {
    shape,
    sources: hint === undefined ? sources : sources.filter((source) => agrees(source, hint)),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** True when the source is about this shape and all its conditions hold. */
export function belongs(event: object, source: Source, shape: Shape): boolean {
  if (source.shapes.length > 0 && !source.shapes.includes(shape.name)) return false;
  return source.when.every(({ field, patterns }) => {
    const values = scalars(readFirst(event, shapePaths(shape, field))?.value);
    return values.some((value) => value !== null && patterns.some((pattern) => matchesString(pattern, String(value))));
  });
}

function readHint(event: object, hints: NonNullable<Shape['hints']>): LogSource | undefined {
  const read = (path: Path): string | undefined => {
    const value = readPath(event, path);
    const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
    return text === '' ? undefined : text;
  };
  const found = { product: read(hints.product), service: read(hints.service), category: read(hints.category) };
  const hint = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as LogSource;
  return Object.keys(hint).length === 0 ? undefined : hint;
}

function agrees(source: Source, hint: LogSource): boolean {
  return (['product', 'service', 'category'] as const).every(
    (key) => source.is[key] === undefined || hint[key] === undefined || source.is[key] === hint[key],
  );
}

/** The source through which a rule looks at events of this kind; `hint` when the event itself says so; undefined when it does not. */
export function bind(logsource: LogSource, kind: EventKind): Source | 'hint' | undefined {
  if (kind.hint === undefined) return kind.sources.find((source) => selects(logsource, source.is));
  if (!selects(logsource, kind.hint)) return undefined;
  return kind.sources.find((source) => selects(logsource, source.is)) ?? 'hint';
}

/** True when everything the rule asks of a log source is what the source is. A rule that asks nothing selects nothing. */
export function selects(logsource: LogSource, is: Source['is']): boolean {
  return (
    named(logsource) &&
    (['product', 'service', 'category'] as const).every((key) => logsource[key] === undefined || logsource[key] === is[key])
  );
}

function named(logsource: LogSource): boolean {
  return logsource.product !== undefined || logsource.service !== undefined || logsource.category !== undefined;
}

/** Places of a Sigma field in events of a shape, seen through a source: first that has a value counts. */
export function fieldPaths(shape: Shape, source: Source | 'hint', field: string): Path[] {
  const mapped = source === 'hint' ? [] : (source.fields.get(field) ?? []);
  const names = [...mapped, ...(mapped.includes(field) ? [] : [field])];
  const spaced = source !== 'hint' && source.spaced ? spacedName(field) : field;
  if (spaced !== field) names.push(spaced);
  const paths = names.flatMap((name) => shapePaths(shape, name));
  return paths.filter((path, index) => paths.findIndex((other) => samePath(other, path)) === index);
}

/** Places a name stands for in a shape. A name with dots may be a path of keys or one key that holds dots. */
export function shapePaths(shape: Shape, name: string): readonly Path[] {
  const known = shape.fields.get(name);
  if (known !== undefined) return known;
  return shape.roots.flatMap((root) =>
    name.includes('.')
      ? [
          [...root, ...name.split('.')],
          [...root, name],
        ]
      : [[...root, name]],
  );
}

/** `ThreatName` → `Threat Name`, `SAMUserAccount` → `SAM User Account`. */
function spacedName(field: string): string {
  return field
    .replace(/_/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2');
}

function samePath(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((segment, index) => segment === b[index]);
}
