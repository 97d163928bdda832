/**
 * What rules cost and how often they match, over all detectors: for the rulebook, and as metrics of bounded number. Costs follow the
 * events of the last minutes to hours: what was measured long ago weighs less and less.
 */
import { Counter, Gauge, type Registry } from '@vong/platform/metrics';
import type { DetectorStats, RuleCosts } from '../detector/index.ts';

/** Rules with a series of their own; those beyond share one. */
const MOST_SERIES = 5000;
const DEAREST = 20;
/** Measured events after which all that was measured weighs half. */
const HALVE_AT = 20_000;

export interface RuleCost {
  readonly rule: string;
  /** Nanoseconds an event. */
  readonly ns: number;
  /** Of what all rules cost: 0…1. */
  readonly share: number;
}

export class RuleFigures {
  readonly #matches: Counter;
  readonly #named = new Set<string>();
  #cost = new Map<string, number>();
  #events = 0;

  constructor(registry: Registry) {
    this.#matches = new Counter({
      registers: [registry],
      name: 'vong_rule_matches_total',
      help: `Matches of a rule on an event; rules beyond ${MOST_SERIES} share the name other`,
      labelNames: ['rule'],
    });
    const dearest = (): RuleCost[] => this.costs().slice(0, DEAREST);
    const gauge = new Gauge({
      registers: [],
      name: 'vong_rule_cost_seconds',
      help: `Mean time a rule takes of an event, measured on a sample; the ${DEAREST} dearest rules`,
      labelNames: ['rule'],
      // Asked only when somebody scrapes.
      collect() {
        this.reset();
        for (const { rule, ns } of dearest()) this.set({ rule }, ns / 1e9);
      },
    });
    registry.registerMetric(gauge);
  }

  add({ matches, costs }: Pick<DetectorStats, 'matches' | 'costs'>): void {
    for (const [rule, , count] of matches) this.#matches.inc({ rule: this.#nameOf(rule) }, count);
    this.#addCosts(costs);
  }

  /** The dearest first; none before an event was measured. */
  costs(): RuleCost[] {
    const all = [...this.#cost.values()].reduce((sum, ms) => sum + ms, 0);
    if (this.#events === 0 || all === 0) return [];
    return [...this.#cost].map(([rule, ms]) => ({ rule, ns: (ms * 1e6) / this.#events, share: ms / all })).sort((a, b) => b.ns - a.ns);
  }

  #addCosts({ events, rules }: RuleCosts): void {
    this.#events += events;
    for (const [rule, ms] of rules) this.#cost.set(rule, (this.#cost.get(rule) ?? 0) + ms);
    if (this.#events < HALVE_AT) return;
    this.#events /= 2;
    // A rule that is gone is forgotten with time.
    this.#cost = new Map([...this.#cost].map(([rule, ms]) => [rule, ms / 2] as const).filter(([, ms]) => ms > 1e-6));
  }

  #nameOf(rule: string): string {
    if (this.#named.has(rule)) return rule;
    if (this.#named.size >= MOST_SERIES) return 'other';
    this.#named.add(rule);
    return rule;
  }
}
