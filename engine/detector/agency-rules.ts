/**
 * The rules as each agency sees them. Those without placeholders are one set for everyone; those with placeholders are compiled
 * once for each different set of values, when the first event of an agency that has them comes.
 */
import type { MatchedRule, Matcher } from './detect.ts';
import type { IncomingEvent } from './read-event.ts';
import type { AgencyValues, PlaceholderValues, RuleCosts } from './messages.ts';

/** Compiled sets kept; a set that is needed again is compiled again. */
const KEPT = 256;

/** Compiled rules. */
interface Rules<Rule> {
  matchJson(json: Uint8Array): readonly { readonly rule: Rule }[];
  takeCosts(): { readonly events: number; readonly rules: readonly { readonly rule: Rule; readonly ms: number }[] };
}

export interface AgencyRulesOptions<Rule extends MatchedRule> {
  /** Rules without placeholders, compiled. */
  readonly shared: Rules<Rule>;
  /** Compiles the rules with placeholders; undefined where there are none. */
  readonly withValues: ((values: PlaceholderValues) => Rules<Rule>) | undefined;
  readonly values: AgencyValues;
}

export class AgencyRules<Rule extends MatchedRule> implements Matcher {
  readonly #options: AgencyRulesOptions<Rule>;
  readonly #agencies: ReadonlyMap<string, number>;
  readonly #sets = new Map<number, Rules<Rule>>();

  constructor(options: AgencyRulesOptions<Rule>) {
    this.#options = options;
    this.#agencies = new Map(Object.entries(options.values.agencies));
  }

  match({ json, agency }: IncomingEvent): readonly { readonly rule: Rule }[] {
    const found = this.#options.shared.matchJson(json);
    const own = this.#own(agency)?.matchJson(json) ?? [];
    return own.length === 0 ? found : [...found, ...own];
  }

  /** What rules cost on the events that were measured since the last call. Every event is one of the shared rules'. */
  takeCosts(): RuleCosts {
    const { events, rules } = this.#options.shared.takeCosts();
    const own = [...this.#sets.values()].flatMap((set) => set.takeCosts().rules);
    return { events, rules: [...rules, ...own].map(({ rule, ms }) => [rule.id, ms] as const) };
  }

  #own(agency: string): Rules<Rule> | undefined {
    const { withValues, values } = this.#options;
    if (withValues === undefined) return undefined;
    const at = this.#agencies.get(agency) ?? 0;
    const known = this.#sets.get(at);
    if (known !== undefined) return known;
    const [oldest] = this.#sets.keys();
    if (this.#sets.size >= KEPT && oldest !== undefined) this.#sets.delete(oldest);
    const made = withValues(values.sets[at] ?? {});
    this.#sets.set(at, made);
    return made;
  }
}
