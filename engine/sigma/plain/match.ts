import type { SigmaRule } from '../model.ts';
import type { Pipelines } from '../pipelines/model.ts';
import { bind, fieldPaths, kindOf } from '../pipelines/resolve.ts';
import { beginEvent } from '../regex/budget.ts';
import { evaluateRule, type EventView } from './evaluate.ts';

/** Rules that match an event, in the order given. Placeholders must have been filled (`fillPlaceholders`). */
export function plainMatch<Rule extends SigmaRule>(event: object, rules: readonly Rule[], pipelines: Pipelines): Rule[] {
  const kind = kindOf(event, pipelines);
  if (kind === undefined) return [];
  beginEvent();
  return rules.filter((rule) => {
    const source = bind(rule.logsource, kind);
    if (source === undefined) return false;
    const view: EventView = { event, paths: (field) => fieldPaths(kind.shape, source, field), keywords: kind.shape.keywords };
    return evaluateRule(rule, view);
  });
}
