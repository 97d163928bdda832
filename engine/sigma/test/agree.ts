/** Holds the indexed evaluator, on objects and on JSON text, to the plain one. */
import { compileRules, type Pipelines, type SigmaRule } from '../index.ts';
import { fillPlaceholders } from '../placeholders.ts';
import { plainMatch } from '../plain/index.ts';

export const PLACEHOLDERS = { known_cdcs: ['dc01', 'dc02*'] };

const encoder = new TextEncoder();

/** Compares event by event; what they disagree on comes back, undefined where they agree. */
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
    return this.checkJson(JSON.stringify(event), event);
  }

  /** The event as the text says it; `event` is what `JSON.parse` makes of it. */
  checkJson(json: string, event: object): string | undefined {
    const object = ids(this.set.match(event));
    const text = ids(this.set.matchJson(encoder.encode(json)));
    const plain = plainMatch(event, this.filled, this.pipelines)
      .map(({ id }) => id)
      .join();
    return object === plain && text === plain ? undefined : `${json}: object ${object} text ${text} plain ${plain}`;
  }
}

function ids(matches: readonly { readonly rule: SigmaRule }[]): string {
  return matches.map(({ rule }) => rule.id).join();
}

/** Every disagreement over these events, and every rule that threw. */
export function disagreements(rules: readonly SigmaRule[], events: readonly object[], pipelines: Pipelines): string[] {
  const comparison = new Comparison(rules, pipelines);
  const wrong = events.flatMap((event) => comparison.check(event) ?? []);
  return [...wrong, ...comparison.faults];
}
