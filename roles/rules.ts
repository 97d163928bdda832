/** The rulebook of a process, with the processing pipelines of its files. */
import { join } from 'node:path';
import { ProcessingFiles } from '@vong/engine/detector';
import { createRules, readPipelines, RULES_SIGNAL } from '@vong/engine/rulebook';
import { ROOT, type Node } from './node.ts';

export type Rules = Awaited<ReturnType<typeof openRules>>;

export async function openRules({ base, config, live, signals, life }: Node) {
  const pipelines = await readPipelines(join(ROOT, 'rules/pipelines'));
  const processing = await ProcessingFiles.open({ ...base, directories: config.pipelines });
  const instance = config.postgres === undefined ? {} : { instance: config.instance };
  const rules = createRules({ ...base, ...instance, live, signals, pipelines, processing });
  // Also called for what was changed here: then nothing differs any more.
  life.onStop(
    'rules of other processes',
    signals.subscribe(RULES_SIGNAL, () => rules.rulebook.changedElsewhere()),
  );
  return { ...rules, texts: pipelines, processing };
}
