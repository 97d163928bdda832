/** Matches events against the rules: detector threads, what they are fed, and what is counted of them. */
import { startDetector } from '@vong/engine/detector';
import type { Pipeline } from '@vong/engine/pipeline';
import type { Node } from './node.ts';
import type { Rules } from './rules.ts';

/** Threads run, and hear of the rules, from `start` on. */
export function detectorRole({ source, logger, config, life }: Node, parts: { readonly rules: Rules; readonly pipeline: Pipeline }) {
  const { rules, pipeline } = parts;
  const detector = startDetector({
    log: source,
    pipelines: rules.texts,
    logger,
    threads: config.detectors,
    onStats: (stats) => pipeline.detected(stats),
    ...rules.feed.hooks(),
  });
  life.onStop('detector', () => detector.stop());
  return {
    start: async (): Promise<void> => {
      life.onStop('rules', await rules.feed.start(detector));
    },
  };
}
