/** Which pipelines stand between rules and events, for people and for the checks the console runs. */
import type { RulePipelines } from '../contracts.ts';
import type { ProcessingFiles } from '../detector/index.ts';

export function pipelinesInUse({ pipelines, processing }: { pipelines: readonly string[]; processing: ProcessingFiles }): RulePipelines {
  const { problem, since } = processing;
  return {
    processing: processing.views(),
    ...(since === undefined ? {} : { since }),
    ...(problem === undefined ? {} : { problem }),
    texts: { events: [...pipelines], processing: processing.texts.map(({ text }) => text) },
  };
}
