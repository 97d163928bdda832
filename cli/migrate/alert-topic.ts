import { summaryOf, type AlertRow } from '@vong/engine/alerter';
import type { Log } from '@vong/platform/log';
import type { StateFile } from '@vong/platform/state';

/**
 * Every alert as it stands into the topic `alerts`, which an embedded log does not have. From then on the cluster's jobs feed it from
 * the changes; those of long ago are kept no more.
 */
export async function publishAll(from: StateFile, log: Log): Promise<void> {
  const table = from.tables.find(({ name }) => name === 'alerts');
  for (const rows of table === undefined ? [] : from.all(table)) {
    const records = rows.map((row) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the alerter's own table, whole
      const summary = summaryOf(row as unknown as AlertRow);
      return { key: summary.id, value: Buffer.from(JSON.stringify(summary)) };
    });
    await log.append({ batches: [{ topic: 'alerts', records }] });
  }
}
