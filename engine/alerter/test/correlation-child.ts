/** An alerter in a process of its own, to be killed: works on the log and state of a folder until every signal is stored. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManualClock } from '@vong/platform/clock';
import { openLog } from '@vong/platform/log';
import { identityModule } from '@vong/platform/identity';
import { liveModule } from '@vong/platform/live';
import { openTestState } from '@vong/platform/state/testing';
import type { RuleText } from '../../detector/index.ts';
import { alertsModule, createAlerter } from '../index.ts';
import { drained, live, logger, START } from './setup.ts';

const folder = process.argv[2] ?? '';
const clock = new ManualClock(START);
const log = openLog({ path: join(folder, 'log.db'), topics: [{ name: 'signals', partitions: 1, retention: {} }], clock });
const state = await openTestState({ path: join(folder, 'state.db'), modules: [identityModule, liveModule, alertsModule], clock });
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the test wrote it
const texts = JSON.parse(readFileSync(join(folder, 'rules.json'), 'utf8')) as RuleText[];
const alerter = createAlerter({
  log,
  state,
  clock,
  live,
  logger,
  rulebook: { correlated: async () => texts, onChange: () => () => undefined },
});
alerter.start();
process.stdout.write('started\n');
await drained(alerter);
await alerter.stop();
await log.close();
await state.close();
process.stdout.write('drained\n');
