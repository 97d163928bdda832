/** Whether a rule looks at an event at all, and if not, what the event would have to hold. */
import type { LogSource } from '../model.ts';
import { matchesString } from '../plain/string.ts';
import type { Pipelines, Shape, Source } from '../pipelines/model.ts';
import { readFirst, scalars } from '../pipelines/paths.ts';
import { bind, type EventKind, kindOf, selects, shapePaths } from '../pipelines/resolve.ts';

type Named = Pick<LogSource, 'product' | 'service' | 'category'>;

/** What the log source decided. */
export interface ExplainLogSource {
  /** Whether the rule looks at the event. */
  applies: boolean;
  /** What the rule asks for. */
  asked: Named;
  /** Whether any pipeline knows such a log source. */
  known: boolean;
  /** The layout the event was recognised as; absent where it has none. */
  shape?: string;
  /** What the event itself says it is, where it does. */
  hint?: Named;
  /** Log sources the event belongs to. */
  belongs: Named[];
  /** Where the rule does not look at the event: what the nearest log source of the rule asks of an event, and what this one holds. */
  unmet: { field: string; expected: string[]; seen: string[] }[];
}

/** The event's kind and the source a rule sees it through; where the rule does not look at it, the nearest one it could be seen through. */
export interface Sight {
  readonly logsource: ExplainLogSource;
  readonly kind?: EventKind;
  readonly source?: Source | 'hint';
}

export function sightOf(logsource: LogSource, event: object, pipelines: Pipelines): Sight {
  const kind = kindOf(event, pipelines);
  const sources = pipelines.sources.filter(({ is }) => selects(logsource, is));
  const asked = named(logsource);
  const shared = { asked, known: sources.length > 0 };
  if (kind === undefined) return { logsource: { applies: false, ...shared, belongs: [], unmet: [] } };
  const source = bind(logsource, kind);
  const about = {
    ...shared,
    shape: kind.shape.name,
    ...(kind.hint === undefined ? {} : { hint: named(kind.hint) }),
    belongs: kind.sources.map(({ is }) => named(is)),
  };
  if (source !== undefined) return { logsource: { applies: true, ...about, unmet: [] }, kind, source };
  const fitting = sources.filter(({ shapes }) => shapes.length === 0 || shapes.includes(kind.shape.name));
  const candidates = fitting
    .map((one) => ({ one, unmet: unmetBy(event, one, kind.shape) }))
    .sort((a, b) => a.unmet.length - b.unmet.length);
  const [nearest] = candidates;
  return { logsource: { applies: false, ...about, unmet: nearest?.unmet ?? [] }, kind, source: nearest?.one ?? 'hint' };
}

function named({ product, service, category }: Named): Named {
  return Object.fromEntries(Object.entries({ product, service, category }).filter(([, value]) => value !== undefined));
}

function unmetBy(event: object, source: Source, shape: Shape): ExplainLogSource['unmet'] {
  return source.when.flatMap(({ field, patterns }) => {
    const seen = scalars(readFirst(event, shapePaths(shape, field))?.value).flatMap((value) => (value === null ? [] : [String(value)]));
    if (seen.some((value) => patterns.some((pattern) => matchesString(pattern, value)))) return [];
    return [{ field, expected: patterns.map(({ text }) => text), seen: seen.map((value) => value.slice(0, 1_000)) }];
  });
}
