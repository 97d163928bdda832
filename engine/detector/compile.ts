/** Rule texts made ready to look at events. A rule that did not change is not read again, and keeps its place. */
import {
  compileRules,
  placeholdersOf,
  type Pipelines,
  type ProcessingPipeline,
  type RuleFailure,
  type RuleSet,
  type SigmaCorrelation,
  type SigmaFilter,
  type SigmaRule,
} from 'sigma-rules-ts';
import { AgencyRules } from './agency-rules.ts';
import { correlatedRules } from './correlated.ts';
import type { Matcher } from './detect.ts';
import type { AgencyValues, FailedRule, PlaceholderValues, RulesChange, RuleText, ThreadLoaded } from './messages.ts';
import { Layers } from './layers.ts';
import { parsedOf } from './parsed.ts';
import { loadProcessing } from './processing.ts';
import { Tuning } from './tuning.ts';

/** Measuring costs a few reads of the clock: on one event in so many it is not felt. */
const COSTS = { sampleEvery: 256 };
/** Sets of values tried before a rule is said to lack values everywhere. */
const SETS_TRIED = 64;

/** A rule with its version, which every signal carries. Its `file` is its id here: file names need not be unique. */
type VersionedRule = SigmaRule & { readonly version: string; readonly origin: string };

interface ParsedRule {
  readonly rules: readonly VersionedRule[];
  /** Their `file` is their id here, too. */
  readonly filters: readonly SigmaFilter[];
  readonly correlations: readonly SigmaCorrelation[];
  /** All correlations of the file. */
  readonly written: readonly SigmaCorrelation[];
  readonly origin: string;
  readonly failed: readonly FailedRule[];
}

export type Compiled = Pick<ThreadLoaded, 'rules' | 'withoutLogsource' | 'failed'> & {
  readonly matcher: Matcher;
  /** Builds what is built on first sight of such an event. */
  readonly warm: (event: object) => void;
};

export interface RuleStoreOptions {
  readonly pipelines: Pipelines;
  readonly processing?: readonly ProcessingPipeline[];
  /** Called once for a rule that threw; it is off from then on. */
  readonly onFault: (rule: string, version: string, error: unknown) => void;
}

/** The rules of one thread, generation by generation. */
export class RuleStore {
  readonly #options: RuleStoreOptions;
  readonly #parsed = new Map<string, ParsedRule>();
  #tuning: Tuning<VersionedRule>;
  readonly #open = new WeakMap<VersionedRule, boolean>();
  readonly #shared = new Layers<VersionedRule>((rules) => this.#set(rules));

  constructor(options: RuleStoreOptions) {
    this.#options = options;
    this.#tuning = new Tuning(options.processing ?? []);
  }

  change({ changed, removed, processing }: Pick<RulesChange, 'changed' | 'removed' | 'processing'>): void {
    if (processing !== undefined) this.#tuning = new Tuning(loadProcessing(processing));
    for (const id of removed) this.#parsed.delete(id);
    for (const text of changed) this.#parsed.set(text.id, read(text));
  }

  compile(values: AgencyValues): Compiled {
    const all = [...this.#parsed.values()];
    const written = all.flatMap((each) => each.rules);
    const tuned = this.#tuning.tune(
      written,
      all.flatMap((each) => each.filters),
    );
    const { rules } = tuned;
    const open = rules.filter((rule) => this.#isOpen(rule));
    const apart = new Set(open);
    const shared = this.#shared.of(open.length === 0 ? rules : rules.filter((rule) => !apart.has(rule)));
    const lacking = this.#lacking(open, values);
    const without = new Set(lacking.map(({ id }) => id));
    const usable = open.filter((rule) => !without.has(rule.id));
    const withValues = usable.length === 0 ? undefined : (given: PlaceholderValues) => this.#set(usable, given);
    const correlations = all.flatMap((each) => each.correlations);
    const correlated = correlatedRules(rules, {
      correlations,
      processed: this.#tuning.correlations(correlations, written),
      written: all.flatMap((each) => each.written),
      pipelines: this.#options.pipelines,
    });
    return {
      rules: rules.length,
      withoutLogsource: [...shared.withoutLogsource, ...this.#set(open, unlimited(open)).withoutLogsource].map(({ id }) => id),
      failed: [
        ...all.flatMap((each) => each.failed),
        ...this.#named(tuned.failures),
        ...failuresOf(shared, rules),
        ...lacking,
        ...correlated.failed,
      ],
      matcher: Object.assign(new AgencyRules({ shared, withValues, values }), { correlated: correlated.of }),
      warm: (event) => void shared.match(event),
    };
  }

  /** Whether it has placeholders. To look through all values of all rules at every change would take longer than the change. */
  #isOpen(rule: VersionedRule): boolean {
    const known = this.#open.get(rule);
    if (known !== undefined) return known;
    const open = placeholdersOf(rule).length > 0;
    this.#open.set(rule, open);
    return open;
  }

  /** Failures of rules and filters by their ids, each of which stands as its `file`. */
  #named(failures: readonly RuleFailure[]): FailedRule[] {
    return failures.map((failure) => ({ ...failure, id: failure.file, file: this.#parsed.get(failure.file)?.origin ?? failure.file }));
  }

  #set(rules: readonly VersionedRule[], placeholders: PlaceholderValues = {}): RuleSet<VersionedRule> {
    const { pipelines, onFault } = this.#options;
    // Faults are rare: the map is made for the first.
    let known: ReadonlyMap<string, VersionedRule> | undefined;
    const versionOf = (id: string): string => (known ??= byId(rules)).get(id)?.version ?? '';
    return compileRules(rules, { pipelines, placeholders, costs: COSTS, onFault: (id, error) => onFault(id, versionOf(id), error) });
  }

  /** Rules that no set of values makes usable, with what the first one lacked. */
  #lacking(open: readonly VersionedRule[], { sets }: AgencyValues): FailedRule[] {
    let lacking: FailedRule[] | undefined;
    for (const given of sets.slice(0, SETS_TRIED)) {
      const failed = failuresOf(this.#set(open, given), open);
      const ids = new Set(failed.map(({ id }) => id));
      lacking = lacking === undefined ? failed : lacking.filter(({ id }) => ids.has(id));
      if (lacking.length === 0) break;
    }
    return lacking ?? [];
  }
}

/** Some value for every placeholder: what is left is not for want of values. */
function unlimited(rules: readonly SigmaRule[]): PlaceholderValues {
  return Object.fromEntries(rules.flatMap((rule) => placeholdersOf(rule)).map((name) => [name, ['*']]));
}

/** The first where an id stands twice. */
function byId(rules: readonly VersionedRule[]): ReadonlyMap<string, VersionedRule> {
  return new Map(rules.toReversed().map((rule) => [rule.id, rule]));
}

function failuresOf(set: Pick<RuleSet<VersionedRule>, 'unusable'>, rules: readonly VersionedRule[]): FailedRule[] {
  if (set.unusable.length === 0) return [];
  const known = byId(rules);
  return set.unusable.flatMap((failure) => {
    const rule = known.get(failure.file);
    return rule === undefined ? [] : [{ ...failure, id: rule.id, file: rule.origin }];
  });
}

function read(rule: RuleText): ParsedRule {
  const { rules, filters, correlations, failures } = parsedOf(rule);
  const own = rules.filter((each) => each.id === rule.id);
  const tuning = filters.filter((each) => each.id === rule.id);
  const correlated = correlations.filter((each) => each.id === rule.id);
  return {
    filters: tuning.map((each) => ({ ...each, file: rule.id })),
    correlations: correlated,
    written: correlations,
    origin: rule.file,
    rules: own.map((each) => ({ ...each, version: rule.version, origin: rule.file, file: rule.id })),
    failed: own.length + tuning.length + correlated.length > 0 ? [] : failures.slice(0, 1).map((failure) => ({ ...failure, id: rule.id })),
  };
}
