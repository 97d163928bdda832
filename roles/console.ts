/** What people work with: the console's files, its API, replays. */
import { join } from 'node:path';
import { agentsApi, type Gateway } from '@vong/collector/gateway';
import { alertsApi } from '@vong/engine/alerter';
import { pipelineApi, reportedCorrelations, type Pipeline } from '@vong/engine/pipeline';
import { rulesApi, rulesOfDirectory } from '@vong/engine/rulebook';
import { eventsApi, type EventStore } from '@vong/platform/events';
import { identityApi, type Scope } from '@vong/platform/identity';
import { createReplays, replaysApi } from '@vong/range/replay';
import { enrolAs, localOperator } from '../cli/operator.ts';
import { ROOT, type Node } from './node.ts';
import type { Rules } from './rules.ts';

export interface ConsoleParts {
  readonly rules: Rules;
  readonly events: EventStore;
  readonly pipeline: Pipeline;
  readonly gateway: Gateway;
  readonly correlations: Parameters<typeof rulesApi>[0]['correlations'];
  /** Address of the front door, asked when a replay begins. */
  readonly server: () => string;
}

export async function consoleRole(node: Node, parts: ConsoleParts) {
  const { base, config, http, identity, live, signals, state, life } = node;
  const { rules, events, gateway } = parts;
  const correlations = config.postgres === undefined ? parts.correlations : async () => await reportedCorrelations(base);
  const operator = await localOperator({ identity, data: config.data });
  const enrolment = enrolAs(gateway.agents, operator.scope);
  const replays = createReplays({
    ...base,
    ...enrolment,
    live,
    narrow: async (scope: Scope, agency: string) => await identity.narrow(scope, agency),
    server: parts.server,
    shared: config.postgres !== undefined,
    signals,
    recordingsDirectory: join(config.data, 'recordings'),
    libraryDirectories: config.recordings,
  });
  life.onStop('replays', () => replays.close());
  http
    .register(identityApi({ identity }))
    .register(eventsApi({ events, state }))
    .register(alertsApi({ ...base, live, events, explain: rules.explain, ruleDetail: rules.find }))
    .register(agentsApi({ gateway, ...(config.publicUrl === null ? {} : { publicUrl: config.publicUrl }) }))
    .register(rulesApi({ ...rules, correlations }));
  http.register(replaysApi({ replays })).register(pipelineApi({ pipeline: parts.pipeline }));
  return {
    operator,
    enrolment,
    start: async (): Promise<void> => {
      for (const folder of [join(ROOT, 'rules/sigma'), join(ROOT, 'rules/correlation'), ...config.rules])
        await rules.rulebook.import(await rulesOfDirectory(folder));
      await replays.start();
    },
  };
}
