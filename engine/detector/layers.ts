/**
 * The rules of one generation as a large compiled set and a small one on top: a change of a few rules compiles those few, and the
 * large set is only told which of its rules no longer count. Where much has changed, everything is compiled anew.
 */
import type { Match, RuleSet, SigmaRule } from 'sigma-rules-ts';

/** Rules that may stand on top of the large set or be gone from it. */
const MOST_APART = 100;

type Layer<Rule extends SigmaRule> = Pick<RuleSet<Rule>, 'match' | 'matchJson' | 'takeCosts' | 'withoutLogsource' | 'unusable'>;

export class Layers<Rule extends SigmaRule> {
  readonly #compile: (rules: readonly Rule[]) => RuleSet<Rule>;
  #base: RuleSet<Rule> | undefined;
  #known: ReadonlySet<Rule> = new Set();

  constructor(compile: (rules: readonly Rule[]) => RuleSet<Rule>) {
    this.#compile = compile;
  }

  /** These rules, compiled. A rule that has not changed is known by its object. */
  of(rules: readonly Rule[]): Layer<Rule> {
    const wanted = new Set(rules);
    const fresh = rules.filter((rule) => !this.#known.has(rule));
    const gone = new Set([...this.#known].filter((rule) => !wanted.has(rule)));
    if (this.#base === undefined || fresh.length + gone.size > MOST_APART) {
      this.#known = wanted;
      return (this.#base = this.#compile(rules));
    }
    return fresh.length + gone.size === 0 ? this.#base : onTop(this.#base, { top: this.#compile(fresh), gone });
  }
}

function onTop<Rule extends SigmaRule>(base: RuleSet<Rule>, { top, gone }: { top: RuleSet<Rule>; gone: ReadonlySet<Rule> }): Layer<Rule> {
  const names = new Set([...gone].map(({ file }) => file));
  const joined = (found: Match<Rule>[], added: Match<Rule>[]): Match<Rule>[] => {
    const kept = found.some(({ rule }) => gone.has(rule)) ? found.filter(({ rule }) => !gone.has(rule)) : found;
    return added.length === 0 ? kept : [...kept, ...added];
  };
  return {
    match: (event) => joined(base.match(event), top.match(event)),
    matchJson: (json) => joined(base.matchJson(json), top.matchJson(json)),
    takeCosts: () => {
      const { events, rules } = base.takeCosts();
      return { events, rules: [...rules.filter(({ rule }) => !gone.has(rule)), ...top.takeCosts().rules] };
    },
    withoutLogsource: [...base.withoutLogsource.filter((rule) => !gone.has(rule)), ...top.withoutLogsource],
    unusable: [...base.unusable.filter(({ file }) => !names.has(file)), ...top.unusable],
  };
}
