/** Turns signals into alerts. */
import { createAlerter } from '@vong/engine/alerter';
import { CorrelationReporter } from '@vong/engine/pipeline';
import type { Node } from './node.ts';
import type { Rules } from './rules.ts';

export function alerterRole(node: Node, { rulebook, processing }: Rules) {
  const { base, log, live, life, metrics, stages, config } = node;
  const correlated = { rulebook, processing, registry: metrics };
  const alerter = createAlerter({ ...base, ...correlated, log, live, metrics: stages, windowMs: config.alertWindowMs });
  life.onStop('alerter', () => alerter.stop());
  if (config.postgres !== undefined) {
    // Consoles in other processes show what correlations hold.
    life.onStop('figures of correlations', new CorrelationReporter(base, () => alerter.correlations()).start(base.logger));
  }
  return alerter;
}
