/**
 * What stands between a rule as it is written and as it is run: the filters of the rulebook, then the administrator's processing
 * pipelines. **A rule that neither changed since keeps its object**, so that what was compiled of it stays good.
 */
import {
  applyFilters,
  applyProcessing,
  applyProcessingToCorrelations,
  type ProcessedCorrelations,
  type ProcessingPipeline,
  type RuleFailure,
  type SigmaCorrelation,
  type SigmaFilter,
  type SigmaRule,
} from 'sigma-rules-ts';

export interface Tuned<Rule extends SigmaRule> {
  readonly rules: readonly Rule[];
  /** Filters that name no rule; rules a pipeline cannot transform, which are left out. */
  readonly failures: readonly RuleFailure[];
}

interface Processed<Rule> {
  readonly rules: readonly Rule[];
  readonly failures: readonly RuleFailure[];
}

export class Tuning<Rule extends SigmaRule> {
  readonly #pipelines: readonly ProcessingPipeline[];
  readonly #processed = new WeakMap<Rule, Processed<Rule>>();
  #filters: readonly SigmaFilter[] = [];
  #filtered = new WeakMap<Rule, Rule>();

  constructor(pipelines: readonly ProcessingPipeline[]) {
    this.#pipelines = pipelines;
  }

  tune(rules: readonly Rule[], filters: readonly SigmaFilter[]): Tuned<Rule> {
    if (filters.length !== this.#filters.length || filters.some((filter, index) => filter !== this.#filters[index])) {
      this.#filters = filters;
      this.#filtered = new WeakMap();
    }
    const filtered = applyFilters(rules, filters);
    const kept = filtered.rules.map((rule, index) => this.#same(rules[index], rule));
    if (this.#pipelines.length === 0) return { rules: kept, failures: filtered.failures };
    const processed = kept.map((rule) => this.#process(rule));
    return {
      rules: processed.flatMap((each) => each.rules),
      failures: [...filtered.failures, ...processed.flatMap((each) => each.failures)],
    };
  }

  /** Correlations with the names the pipelines give their fields. `rules`: those they refer to, as they are written. */
  correlations(correlations: readonly SigmaCorrelation[], rules: readonly SigmaRule[]): ProcessedCorrelations {
    if (this.#pipelines.length === 0 || correlations.length === 0) return { correlations, failures: [] };
    return applyProcessingToCorrelations(correlations, this.#pipelines, { rules });
  }

  /** The object that was made of the rule with these filters before. */
  #same(before: Rule | undefined, after: Rule): Rule {
    if (before === undefined || before === after) return after;
    const known = this.#filtered.get(before);
    if (known !== undefined) return known;
    this.#filtered.set(before, after);
    return after;
  }

  #process(rule: Rule): Processed<Rule> {
    const known = this.#processed.get(rule);
    if (known !== undefined) return known;
    const { rules, failures } = applyProcessing([rule], this.#pipelines);
    const made = { rules, failures };
    this.#processed.set(rule, made);
    return made;
  }
}
