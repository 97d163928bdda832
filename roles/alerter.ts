/** Turns signals into alerts. */
import { createAlerter } from '@vong/engine/alerter';
import type { Node } from './node.ts';
import type { Rules } from './rules.ts';

export function alerterRole(node: Node, { rulebook, processing }: Rules) {
  const { base, log, live, life, metrics, stages, config } = node;
  const correlated = { rulebook, processing, registry: metrics };
  const alerter = createAlerter({ ...base, ...correlated, log, live, metrics: stages, windowMs: config.alertWindowMs });
  life.onStop('alerter', () => alerter.stop());
  return alerter;
}
