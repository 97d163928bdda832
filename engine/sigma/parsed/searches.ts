/** Log sources, detections and conditions: what rules and filters share. */
import type { Place } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Condition, Detection, LogSource, NamedDetection } from '../model.ts';
import { type Codec, damaged, either, flag, list, nested, oneOf, optional, record, tagged, text, whole } from './codec.ts';
import { test } from './tests.ts';

/** A tree has a few levels for each that is written. */
const LEVELS_EACH = 4;
const DATE_PARTS = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const;
const LINKS = ['any', 'all'] as const;

export const place = record<Place>({ line: whole(1), column: whole(1) });

export const logsource = record<LogSource>({
  product: optional(text),
  service: optional(text),
  category: optional(text),
  definition: optional(text),
});

/** The field of a keyword. */
const nothing: Codec<null> = { encode: () => 0, decode: (value) => (value === 0 ? null : damaged()) };

const detection: Codec<Detection> = nested(LIMITS.yamlDepth * LEVELS_EACH, () =>
  tagged<Detection>({
    and: { children: list(detection) },
    or: { children: list(detection) },
    item: {
      field: either([text, (field) => typeof field === 'string'], nothing),
      modifiers: list(text),
      tests: list(test),
      link: oneOf(LINKS),
      negated: flag,
      datePart: optional(oneOf(DATE_PARTS)),
      place,
    },
  }),
);

export const detections = list(record<NamedDetection>({ name: text, detection }));

const count = either<'all', number>([oneOf(['all']), (value) => typeof value === 'string'], whole(0));

export const condition: Codec<Condition> = nested(LIMITS.conditionDepth * LEVELS_EACH, () =>
  tagged<Condition>({
    and: { children: list(condition) },
    or: { children: list(condition) },
    not: { child: condition },
    selection: { name: text },
    of: { count, names: list(text), text },
  }),
);

/** Whether a condition names nothing but what there is. */
export function knows(names: ReadonlySet<string>, tree: Condition): boolean {
  if (tree.kind === 'selection') return names.has(tree.name);
  if (tree.kind === 'of') return tree.names.every((name) => names.has(name));
  return tree.kind === 'not' ? knows(names, tree.child) : tree.children.every((child) => knows(names, child));
}

const range = record<{ at: number; length: number }>({ at: whole(0), length: whole(0) });

/** Texts that stand in the file are written as the place they have there. */
export const source: Codec<string> = {
  encode: (value, from) => {
    const at = from.indexOf(value);
    return at < 0 ? value : [at, value.length];
  },
  decode: (value, from) => {
    if (typeof value === 'string') return value;
    const { at, length } = range.decode(value, from);
    return from.slice(at, at + length);
  },
};
