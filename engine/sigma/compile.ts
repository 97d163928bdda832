/** A set of rules made ready to look at events. */
import { SigmaError } from './errors.ts';
import type { RuleFailure, SigmaRule } from './model.ts';
import { toFailure } from './parse/rule.ts';
import type { Pipelines } from './pipelines/model.ts';
import { selects } from './pipelines/resolve.ts';
import { fillPlaceholders, type Placeholders } from './placeholders.ts';
import { indexRules, type IndexedRules, type Watch } from './indexed/index.ts';

export interface CompileOptions {
  readonly pipelines: Pipelines;
  /** Values for `|expand`, by placeholder name. */
  readonly placeholders?: Placeholders;
  /** Called once for a rule that threw while it looked at an event; the rule is off from then on, the others go on. */
  readonly onFault?: (ruleId: string, error: unknown) => void;
  /** Measures what rules cost, on one event in `sampleEvery`; `takeCosts` gives it. */
  readonly costs?: { readonly sampleEvery: number };
}

/** No rule may take longer of an event: what the clock shows beyond is the machine's doing. */
const MOST_MS = 1;

/** What rules cost on the events that were measured. */
export interface RuleCosts<Rule extends SigmaRule = SigmaRule> {
  /** Events measured. */
  readonly events: number;
  /** Rules that looked at one of them, with the milliseconds they took in all. */
  readonly rules: readonly { readonly rule: Rule; readonly ms: number }[];
}

export interface Match<Rule extends SigmaRule = SigmaRule> {
  readonly rule: Rule;
}

export interface RuleSet<Rule extends SigmaRule = SigmaRule> {
  /** Rules that match the event, in the order they were given. Never throws. */
  match(event: object): Match<Rule>[];
  /**
   * The same for an event's JSON text in UTF-8, without making objects of it: faster than parsing it first. What is JSON but no
   * object matches nothing; throws SyntaxError for what is no JSON.
   */
  matchJson(json: Uint8Array): Match<Rule>[];
  /** What was measured since the last call; nothing where `costs` was not asked for. */
  takeCosts(): RuleCosts<Rule>;
  /** Rules that can look at events. */
  readonly size: number;
  /** Rules whose log source no pipeline knows: loaded, and never matching. */
  readonly withoutLogsource: readonly Rule[];
  /** Rules that cannot be used as they are, e.g. for want of values for a placeholder. */
  readonly unusable: readonly RuleFailure[];
}

/** Compiles rules that `parseRules` gave. A rule that cannot be used is listed, and stops no other. */
export function compileRules<Rule extends SigmaRule>(rules: readonly Rule[], options: CompileOptions): RuleSet<Rule> {
  const unusable: RuleFailure[] = [];
  const withoutLogsource: Rule[] = [];
  const ready: Ready<Rule>[] = [];
  for (const rule of rules) {
    try {
      const filled = fillPlaceholders(rule, options.placeholders ?? {});
      const known = options.pipelines.sources.some((source) => selects(rule.logsource, source.is));
      if (known) ready.push({ rule, filled });
      else withoutLogsource.push(rule);
    } catch (error) {
      if (!(error instanceof SigmaError)) throw error;
      unusable.push(toFailure(error, rule.file, { line: rule.line, column: 1 }));
    }
  }
  return new IndexedRuleSet(ready, { withoutLogsource, unusable, options });
}

interface Ready<Rule extends SigmaRule> {
  readonly rule: Rule;
  readonly filled: Rule;
}

class IndexedRuleSet<Rule extends SigmaRule> implements RuleSet<Rule> {
  readonly size: number;
  readonly withoutLogsource: readonly Rule[];
  readonly unusable: readonly RuleFailure[];
  private readonly matches: readonly Match<Rule>[];
  private readonly index: IndexedRules;
  private readonly off = new Set<number>();
  private readonly onFault: CompileOptions['onFault'];
  /** By the rule's index: milliseconds since the last `takeCosts`. */
  private costs = new Map<number, number>();
  private measured = 0;

  constructor(
    ready: readonly Ready<Rule>[],
    rest: Pick<RuleSet<Rule>, 'withoutLogsource' | 'unusable'> & { readonly options: CompileOptions },
  ) {
    this.size = ready.length;
    this.withoutLogsource = rest.withoutLogsource;
    this.unusable = rest.unusable;
    this.matches = ready.map(({ rule }) => ({ rule }));
    this.onFault = rest.options.onFault;
    this.index = indexRules(
      ready.map(({ filled }) => filled),
      rest.options.pipelines,
      rest.options.costs === undefined ? undefined : this.watch(rest.options.costs.sampleEvery),
    );
  }

  match(event: object): Match<Rule>[] {
    return this.named(this.index.match(event, this.fault));
  }

  matchJson(json: Uint8Array): Match<Rule>[] {
    return this.named(this.index.matchJson(json, this.fault));
  }

  takeCosts(): RuleCosts<Rule> {
    const { costs, measured } = this;
    this.costs = new Map();
    this.measured = 0;
    const rules = [...costs].flatMap(([index, ms]) => {
      const match = this.matches[index];
      return match === undefined ? [] : [{ rule: match.rule, ms }];
    });
    return { events: measured, rules };
  }

  private watch(every: number): Watch {
    return {
      every,
      event: () => void this.measured++,
      timed: (index, ms) => void this.costs.set(index, (this.costs.get(index) ?? 0) + Math.min(ms, MOST_MS)),
    };
  }

  private named(indices: readonly number[]): Match<Rule>[] {
    const found: Match<Rule>[] = [];
    for (const index of indices) {
      const match = this.matches[index];
      if (match !== undefined && (this.off.size === 0 || !this.off.has(index))) found.push(match);
    }
    return found;
  }

  private readonly fault = (index: number, error: unknown): void => {
    if (this.off.has(index)) return;
    this.off.add(index);
    this.onFault?.(this.matches[index]?.rule.id ?? '', error);
  };
}
