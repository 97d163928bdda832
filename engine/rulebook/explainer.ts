/** Why a rule of the rulebook matches an event, for the alert page. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  explain,
  fillPlaceholders,
  loadPipelines,
  parseRules,
  parseSigma,
  SigmaError,
  type SigmaFilter,
  type SigmaRule,
} from 'sigma-rules-ts';
import type { EcsEvent } from '@vong/platform/events';
import type { Explanation } from '../contracts.ts';
import { loadProcessing, type PlaceholderValues, type ProcessingFiles, Tuning } from '../detector/index.ts';
import type { Values } from './values.ts';
import type { RuleViews } from './views.ts';

/** Text of each processing pipeline of a folder, by name: the order in which they apply. */
export async function readPipelines(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yml')).sort();
  return await Promise.all(names.map(async (name) => await readFile(join(folder, name), 'utf8')));
}

export interface ExplainerDeps {
  readonly views: RuleViews;
  readonly values: Values;
  readonly pipelines: readonly string[];
  readonly processing: Pick<ProcessingFiles, 'texts'>;
}

/** Explains by the version that matched, where it is still kept, and with the filters of now and the values of the event's agency. */
export function explainer(deps: ExplainerDeps) {
  const pipelines = loadPipelines(deps.pipelines);
  return async (ruleId: string, event: EcsEvent, version?: string): Promise<Explanation | undefined> => {
    const found = await deps.views.text(ruleId, version);
    const rule = found === undefined ? undefined : parseRules(found.yaml, found.origin).rules.find(({ id }) => id === ruleId);
    if (found === undefined || rule === undefined) return undefined;
    const tuned = new Tuning(loadProcessing(deps.processing.texts)).tune([rule], filtersOf(await deps.views.filters())).rules[0] ?? rule;
    const filled = filledWith(tuned, await deps.values.of(event.organization.id));
    return { ruleId, yaml: found.yaml, version: found.version, ...explain(filled, event, { pipelines }) };
  };
}

/** As it is where values have been taken back since: what does not hang on them is still explained. */
function filledWith(rule: SigmaRule, values: PlaceholderValues): SigmaRule {
  try {
    return fillPlaceholders(rule, values);
  } catch (error) {
    if (error instanceof SigmaError) return rule;
    throw error;
  }
}

function filtersOf(texts: readonly { readonly yaml: string; readonly origin: string }[]): SigmaFilter[] {
  return texts.flatMap(({ yaml, origin }) => parseSigma(yaml, origin).filters);
}
