/**
 * A member of a consumer group in a process of its own: prints what it owns whenever that changes; commits what is asked for on
 * stdin and prints how that ended.
 */
import { createInterface } from 'node:readline';
import { systemClock } from '../../clock/index.ts';
import { connectKafka, type KafkaSource } from '../kafka/index.ts';

const log = await connectKafka(JSON.parse(process.argv[2] ?? '') as KafkaSource, { clock: systemClock });
const owned = new Set<number>();

function tell(): Promise<void> {
  console.log(`owns ${[...owned].toSorted((a, b) => a - b).join(',')}`);
  return Promise.resolve();
}

await log.join({
  group: 'detector',
  topic: 'events',
  onAssigned: (partitions) => {
    for (const partition of partitions) owned.add(partition);
    return tell();
  },
  onRevoked: (partitions) => {
    for (const partition of partitions) owned.delete(partition);
    return tell();
  },
});

for await (const line of createInterface({ input: process.stdin })) {
  const ended = await log.commit([{ group: 'detector', topic: 'events', partition: Number(line), offset: 3 }]).then(
    () => 'stored',
    (error: unknown) => (typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error)),
  );
  console.log(`commit ${ended}`);
}
