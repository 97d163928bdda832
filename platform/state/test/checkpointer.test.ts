import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { expect, it } from 'vitest';
import { ManualClock } from '../../clock/index.ts';
import { openState, type StateModule } from '../index.ts';

interface Tables {
  blobs: { id: number; data: string };
}
const blobs: StateModule = {
  name: 'blobs',
  scoped: [],
  migrations: {
    'blobs-01': {
      async up(db: Kysely<Tables>) {
        await db.schema
          .createTable('blobs')
          .addColumn('id', 'integer', (c) => c.primaryKey())
          .addColumn('data', 'text')
          .execute();
      },
    },
  },
};

it('committed pages reach the file while the state is in use, on another thread', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vong-checkpoint-'));
  const path = join(folder, 'state.db');
  const state = await openState({ path, modules: [blobs], clock: new ManualClock(0) });
  for (let id = 0; id < 12; id++)
    await state
      .system<Tables>()
      .insertInto('blobs')
      .values({ id, data: 'x'.repeat(1_000_000) })
      .execute();
  expect(statSync(path).size).toBeLessThan(2_000_000);
  await expect.poll(() => statSync(path).size, { timeout: 10_000 }).toBeGreaterThan(10_000_000);
  expect(await state.system<Tables>().selectFrom('blobs').select('id').execute()).toHaveLength(12);
  await state.close();
  rmSync(folder, { recursive: true });
});
