/** The values of a rule's fields in an event, as its correlations read them. */
import type { SigmaRule } from '../model.ts';
import type { Pipelines } from '../pipelines/model.ts';
import { readFirst, scalars } from '../pipelines/paths.ts';
import { bind, fieldPaths, kindOf } from '../pipelines/resolve.ts';

/** What one value may take of a stored match; longer texts are cut, longer lists end. */
const MAX_LENGTH = 1_024;
const MAX_VALUES = 16;

/** Fields that are there, each with its value or list of values. An event the rule does not look at has none. */
export function readFields(
  event: object,
  rule: Pick<SigmaRule, 'logsource'>,
  { fields, pipelines }: { fields: readonly string[]; pipelines: Pipelines },
): Readonly<Record<string, unknown>> {
  const kind = fields.length === 0 ? undefined : kindOf(event, pipelines);
  const source = kind === undefined ? undefined : bind(rule.logsource, kind);
  if (kind === undefined || source === undefined) return {};
  const found = fields.flatMap((field): [string, unknown][] => {
    const values = scalars(readFirst(event, fieldPaths(kind.shape, source, field))?.value)
      .filter((value) => value !== null)
      .slice(0, MAX_VALUES)
      .map((value) => (typeof value === 'string' ? value.slice(0, MAX_LENGTH) : value));
    return values.length === 0 ? [] : [[field, values.length === 1 ? values[0] : values]];
  });
  return Object.fromEntries(found);
}
