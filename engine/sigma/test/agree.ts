/** Holds the indexed evaluator to the plain one. */
import { compileRules, type Pipelines, type SigmaRule } from '../index.ts';
import { fillPlaceholders } from '../placeholders.ts';
import { plainMatch } from '../plain/index.ts';

export const PLACEHOLDERS = { known_cdcs: ['dc01', 'dc02*'] };

/** Compares event by event; `check` gives what the two disagree on, undefined where they agree. */
export class Comparison {
  readonly faults: string[] = [];
  private readonly set;
  private readonly filled: readonly SigmaRule[];
  private readonly pipelines: Pipelines;

  constructor(rules: readonly SigmaRule[], pipelines: Pipelines) {
    this.set = compileRules(rules, {
      pipelines,
      placeholders: PLACEHOLDERS,
      onFault: (id, error) => this.faults.push(`${id}: ${String(error)}`),
    });
    this.filled = rules.map((rule) => fillPlaceholders(rule, PLACEHOLDERS));
    this.pipelines = pipelines;
  }

  check(event: object): string | undefined {
    const indexed = this.set.match(event).map(({ rule }) => rule.id);
    const plain = plainMatch(event, this.filled, this.pipelines).map(({ id }) => id);
    return indexed.join() === plain.join() ? undefined : `${JSON.stringify(event)}: indexed ${indexed.join()} plain ${plain.join()}`;
  }
}

/** Every disagreement over these events, and every rule that threw. */
export function disagreements(rules: readonly SigmaRule[], events: readonly object[], pipelines: Pipelines): string[] {
  const comparison = new Comparison(rules, pipelines);
  const wrong = events.flatMap((event) => comparison.check(event) ?? []);
  return [...wrong, ...comparison.faults];
}
