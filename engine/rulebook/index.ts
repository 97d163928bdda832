/** The rulebook of a server: rules and the values of their placeholders, how they are seen, explained, and given to the detectors. */
import { explainer, type ExplainerDeps } from './explainer.ts';
import { RuleFeed } from './feed.ts';
import { pipelinesInUse } from './pipelines.ts';
import { Rulebook, RULES_SIGNAL, type RulebookOptions } from './rulebook.ts';
import { Values } from './values.ts';
import { RuleViews } from './views.ts';
import type { Logger } from '@vong/platform/logger';
import type { ProcessingFiles } from '../detector/index.ts';

export { readPipelines } from './explainer.ts';
export { rulesApi } from './api.ts';
export { rulebookModule } from './schema.ts';
export type { RuleTables } from './schema.ts';
export { rulesOfDirectory, rulesOfUpload, type RuleFile } from './upload.ts';
export { Rulebook, RULES_SIGNAL, RuleViews, Values };

type RulesOptions = RulebookOptions &
  Pick<ExplainerDeps, 'pipelines'> & {
    readonly processing: ProcessingFiles;
    readonly logger: Pick<Logger, 'error'>;
    readonly instance?: string;
  };

export function createRules(options: RulesOptions) {
  const [rulebook, values, views] = [new Rulebook(options), new Values(options), new RuleViews(options)];
  return {
    rulebook,
    values,
    views,
    pipelines: () => pipelinesInUse(options),
    feed: new RuleFeed({ ...options, rulebook, values }),
    explain: explainer({ ...options, views, values }),
    find: views.find.bind(views),
  };
}
