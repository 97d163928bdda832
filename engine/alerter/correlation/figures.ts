/** What correlations could not count or had to let go, as metrics of bounded number. */
import { Counter, type Registry } from '@vong/platform/metrics';
import type { CorrelatorStats } from 'sigma-rules-ts';

/** Correlations with series of their own; those beyond share one. */
const MOST_SERIES = 500;

const NAMES = {
  evictedGroups: ['vong_correlation_evicted_groups_total', 'Groups a correlation had to let go for want of room'],
  evictedEvents: ['vong_correlation_evicted_events_total', 'Events a correlation had to let go for want of room'],
  late: ['vong_correlation_late_events_total', 'Events too late for a correlation to count'],
  withoutGroup: ['vong_correlation_ungrouped_events_total', 'Events that lack a field a correlation groups by'],
  withoutValue: ['vong_correlation_valueless_events_total', 'Events that lack the value a correlation looks at'],
} as const;
type Figure = keyof typeof NAMES;
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of the object above
const FIGURES = Object.keys(NAMES) as Figure[];

export class CorrelationFigures {
  readonly #counters: readonly (readonly [Figure, Counter])[];
  readonly #named = new Set<string>();
  /** What was counted of each correlation so far. */
  readonly #known = new Map<string, Readonly<Record<Figure, number>>>();

  constructor(registry: Registry) {
    this.#counters = FIGURES.map((figure) => {
      const [name, help] = NAMES[figure];
      const about = `${help}; correlations beyond ${MOST_SERIES} share the name other`;
      return [figure, new Counter({ registers: [registry], name, help: about, labelNames: ['rule'] })];
    });
  }

  /** Counts what has been added since; a correlation that begins anew begins at nothing. */
  update(stats: readonly CorrelatorStats[]): void {
    for (const now of stats) {
      const before = this.#known.get(now.correlation);
      for (const [figure, counter] of this.#counters) {
        const more = now[figure] - (before?.[figure] ?? 0);
        const added = more < 0 ? now[figure] : more;
        if (added > 0) counter.inc({ rule: this.#nameOf(now.correlation) }, added);
      }
      this.#known.set(now.correlation, now);
    }
  }

  #nameOf(rule: string): string {
    if (this.#named.has(rule)) return rule;
    if (this.#named.size >= MOST_SERIES) return 'other';
    this.#named.add(rule);
    return rule;
  }
}
