/** Every domain's tables: each process opens the same state, so that whichever starts first can make it. */
import { agentsModule } from '@vong/collector/gateway';
import { alertsModule } from '@vong/engine/alerter';
import { alertTopicModule, correlationReportsModule, stagesModule } from '@vong/engine/pipeline';
import { rulebookModule } from '@vong/engine/rulebook';
import { eventsModule } from '@vong/platform/events';
import { identityModule } from '@vong/platform/identity';
import { jobsModule } from '@vong/platform/jobs';
import { liveModule, signalsModule } from '@vong/platform/live';
import { moveModule } from '@vong/platform/move';
import { replaysModule } from '@vong/range/replay';

export const MODULES = [
  identityModule,
  jobsModule,
  liveModule,
  signalsModule,
  eventsModule,
  agentsModule,
  alertsModule,
  rulebookModule,
  replaysModule,
  stagesModule,
  correlationReportsModule,
  alertTopicModule,
  moveModule,
];
