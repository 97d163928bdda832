/** Appends until killed and prints each acknowledged sequence: `node child.ts <file>`. */
import { systemClock } from '../../clock/index.ts';
import { openLog } from '../index.ts';

const path = process.argv[2] ?? '';
const log = openLog({ path, topics: [{ name: 'events', partitions: 3, retention: {} }], clock: systemClock });
let sequence = (await log.lastSequence('child')) + 1;
process.stdout.write('ready\n');
for (;;) {
  const group = Array.from({ length: 4 }, () => sequence++);
  const acknowledged = group.map(async (number) => {
    const records = Array.from({ length: 30 }, (_, i) => ({ key: `key-${i}`, value: Buffer.from(`${number}:${i}`) }));
    await log.append({ batches: [{ topic: 'events', records }], producer: { id: 'child', sequence: number } });
    process.stdout.write(`${number}\n`);
  });
  await Promise.all(acknowledged);
}
