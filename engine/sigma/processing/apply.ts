/**
 * Applies processing pipelines to rules: a pure transformation, so that nothing that looks at rules has to know pipelines.
 * Pipelines run in the order of their `priority`, those of one priority in the order given; each sees what the ones before it made.
 */
import type { RuleFailure, SigmaRule } from '../model.ts';
import { toFailure } from '../parse/rule.ts';
import type { Scalar } from '../parse/yaml.ts';
import { Draft } from './draft.ts';
import type { ProcessedRules, ProcessingPipeline } from './model.ts';
import { applyItems } from './run.ts';

export interface ProcessingOptions {
  /** Values for `value_placeholders` that win over those of the pipelines. */
  readonly vars?: Readonly<Record<string, Scalar | readonly Scalar[]>>;
}

/** A rule that a pipeline cannot transform is left out and listed in `failures`; it stops no other. */
export function applyProcessing<Rule extends SigmaRule>(
  rules: readonly Rule[],
  pipelines: readonly ProcessingPipeline[],
  options: ProcessingOptions = {},
): ProcessedRules<Rule> {
  const { items, vars } = joined(pipelines, options);
  const failures: RuleFailure[] = [];
  const applied: { rule: string; items: string[] }[] = [];
  const processed = rules.flatMap((rule): Rule[] => {
    const draft = new Draft(rule, vars);
    try {
      applyItems(items, draft);
    } catch (error) {
      failures.push(toFailure(error, rule.file, { line: rule.line, column: 1 }));
      return [];
    }
    applied.push({ rule: rule.id, items: [...draft.applied] });
    if (draft.rule === rule) return [rule];
    const { logsource, detections, conditions, fields } = draft.rule;
    return [{ ...rule, logsource, detections, conditions, fields }];
  });
  return { rules: processed, failures, applied };
}

/** The items of all pipelines in their order, and what their variables are. */
export function joined(pipelines: readonly ProcessingPipeline[], options: ProcessingOptions) {
  const ordered = pipelines.toSorted((a, b) => a.priority - b.priority);
  const given = Object.entries(options.vars ?? {}).map(([name, value]): [string, readonly Scalar[]] => [
    name,
    isList(value) ? value : [value],
  ]);
  return {
    items: ordered.flatMap((pipeline) => pipeline.items),
    vars: new Map([...ordered.flatMap((pipeline) => [...pipeline.vars]), ...given]),
  };
}

function isList(value: Scalar | readonly Scalar[]): value is readonly Scalar[] {
  return Array.isArray(value);
}
