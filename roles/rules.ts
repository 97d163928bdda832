/** The rulebook of a process, with the processing pipelines of its files. */
import { join } from 'node:path';
import { ProcessingFiles } from '@vong/engine/detector';
import { createRules, readPipelines } from '@vong/engine/rulebook';
import { ROOT, type Node } from './node.ts';

export type Rules = Awaited<ReturnType<typeof openRules>>;

export async function openRules({ base, config, live }: Node) {
  const pipelines = await readPipelines(join(ROOT, 'rules/pipelines'));
  const processing = await ProcessingFiles.open({ ...base, directories: config.pipelines });
  return {
    ...createRules({ ...base, live, pipelines, processing, ...(config.postgres === undefined ? {} : { instance: config.instance }) }),
    texts: pipelines,
    processing,
  };
}
