/** Child process of the crash test: appends numbered events from the stored offset on, until it is killed. */
import { openEventStore } from '../index.ts';
import { eventAt } from './corpus.ts';

const path = process.argv[2] ?? '';
const store = await openEventStore({ path, memoryBytes: 200e6, hotBytes: 300_000 });
let next = (await store.indexedUpTo()).get(0) ?? 0;
for (;;) {
  const batch = Array.from({ length: 100 }, (_, at) => {
    const event = eventAt(next + at);
    return { ...event, event: { ...event.event, id: `n-${next + at}` } };
  });
  next += batch.length;
  await store.append(batch, [{ partition: 0, offset: next }]);
  process.stdout.write(`${next}\n`);
}
