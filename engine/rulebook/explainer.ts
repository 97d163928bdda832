/** Why a rule of the rulebook matches an event, for the alert page. Uses the rule as it is now. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { explain, loadPipelines, parseRules } from 'sigma-rules-ts';
import type { EcsEvent } from '@vong/platform/events';
import type { Explanation } from '../contracts.ts';
import type { RuleViews } from './views.ts';

/** Text of each processing pipeline of a folder, by name: the order in which they apply. */
export async function readPipelines(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yml')).sort();
  return await Promise.all(names.map(async (name) => await readFile(join(folder, name), 'utf8')));
}

export function explainer(deps: { views: RuleViews; pipelines: readonly string[] }) {
  const pipelines = loadPipelines(deps.pipelines);
  return async (ruleId: string, event: EcsEvent): Promise<Explanation | undefined> => {
    const found = await deps.views.find(ruleId);
    const rule = found === undefined ? undefined : parseRules(found.yaml, found.origin).rules.find(({ id }) => id === ruleId);
    if (found === undefined || rule === undefined) return undefined;
    return { ruleId, yaml: found.yaml, ...explain(rule, event, { pipelines }) };
  };
}
