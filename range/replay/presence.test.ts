import { afterEach, beforeEach, expect, it } from 'vitest';
import { ManualClock } from '@vong/platform/clock';
import { liveModule } from '@vong/platform/live';
import type { State } from '@vong/platform/state';
import { openTestState } from '@vong/platform/state/testing';
import { Presence } from './presence.ts';
import { replaysModule, type ReplayTables } from './schema.ts';

let state: State;
let clock: ManualClock;
beforeEach(async () => {
  clock = new ManualClock(1_800_000_000_000);
  state = await openTestState({ modules: [liveModule, replaysModule], clock });
});
afterEach(async () => await state.close());

async function begin(id: string): Promise<void> {
  const recording = { recording: 'r', speed: 1, shift_time: 1, started_by: 'lan', error: null, agent_id: null, ended_at: null };
  const row = {
    id,
    agency: 'vn',
    state: 'running',
    total: 0,
    sent: 0,
    started_at: clock.now(),
    alive_at: clock.now(),
    stop_asked: 0,
  } as const;
  await state
    .system<ReplayTables>()
    .insertInto('replays')
    .values({ ...row, ...recording })
    .execute();
}

it('a replay is ended by others once its console was silent for 30 s, and never while that speaks', async () => {
  const ended: string[] = [];
  const console = (...own: string[]): Presence =>
    new Presence({
      state,
      clock,
      logger: { error: () => undefined },
      running: () => own,
      stop: () => undefined,
      abandoned: async ({ id }) => void ended.push(id),
    });
  for (const id of ['of-living', 'of-dead']) await begin(id);
  const [living, other] = [console('of-living'), console()];
  for (let seconds = 0; seconds < 30; seconds += 3) {
    clock.advance(3000);
    for (const each of [living, other]) await each.turn();
  }
  expect(ended).toEqual([]);
  clock.advance(1);
  await other.turn();
  expect(ended).toEqual(['of-dead']);
});

it('a replay that was taken for dead, or is to end, is stopped by the console that still runs it', async () => {
  const stopped: string[] = [];
  const console = new Presence({
    state,
    clock,
    logger: { error: () => undefined },
    running: () => ['asked', 'buried', 'well'],
    stop: (id) => void stopped.push(id),
    abandoned: async () => undefined,
  });
  for (const id of ['asked', 'buried', 'well', 'elsewhere']) await begin(id);
  await console.turn();
  expect(stopped).toEqual([]);
  await state.system<ReplayTables>().updateTable('replays').set({ state: 'failed' }).where('id', 'in', ['buried', 'elsewhere']).execute();
  await state.transaction<ReplayTables, void>('system', async (trx) => await console.askToStop(trx, 'asked'));
  await console.turn();
  expect(stopped.toSorted()).toEqual(['asked', 'buried']);
});
